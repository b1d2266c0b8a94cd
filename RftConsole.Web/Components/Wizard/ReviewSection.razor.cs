using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;
using RftConsole.Training.Starter;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.DataSets;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Review</em>: everything that was chosen, and what it will cost.</summary>
public sealed partial class ReviewSection
{
    /// <summary>Time and memory; null while it is not known.</summary>
    [Parameter]
    public JobEstimate? Estimate { get; set; }

    /// <summary>What a service said against the job.</summary>
    [Parameter]
    public string? Failure { get; set; }

    /// <summary>What was found out about the reward function.</summary>
    [Parameter, EditorRequired]
    public required ProbeRun Probes { get; set; }

    /// <summary>The address of a section.</summary>
    [Parameter, EditorRequired]
    public required Func<WizardSection, string> Link { get; set; }

    private static WizardSection SectionOf(string field) => WizardSection.All.First(section => section.Fields.Contains(field));

    private static string StepNote(JobEstimate estimate) =>
        L["{0} prompts × {1} answers each", estimate.Resolved.BatchSize, estimate.Resolved.TrainingSamplePerPrompt];

    private IEnumerable<(string Name, string Value)> Rows(string section) => section switch
    {
        "details" => Details(),
        "data" => [Data()],
        "reward" => [(L[RewardTypes.Title(Form.Reward.Type)], Form.Reward.Title)],
        "hyperparameters" => Numbers(),
        "output" => [(L["Artefacts"], L["The console's data folder"])],
        _ => [(L["Validation data"], Form.ValidationSet is { } validation ? Describe(validation) : L["{0} % of the training rows", Form.ValidationPercent]), (L["Network isolation"], Display.Network(Form.Isolation)), (L["Encryption key"], Form.EncryptionKey ?? L["none"])],
    };

    private static string Describe(UploadedDataSet? dataSet) => dataSet is null ? Display.None : L["{0}, {1} rows", dataSet.Name, Display.Count(dataSet.Rows)];

    private (string Name, string Value) Data() => Form.Source != TrainingSource.Sample
        ? (L["Uploaded data set"], Describe(Form.DataSet))
        : (L["Sample data"], L[SampleDataSets.All.First(set => set.Name == Form.SampleData).Title]);

    private IEnumerable<(string Name, string Value)> Details()
    {
        yield return (L["Base model"], Form.ModelTitle(Form.ModelChoice));
        yield return (L["Job name"], Form.Name);
        yield return (L["Custom model name"], Form.CustomModelName);
        if (Form.Description.Trim().Length > 0)
        {
            yield return (L["Description"], Form.Description);
        }

        if (Form.Tags.Count > 0)
        {
            yield return (L["Tags"], string.Join(", ", Form.Tags.Select(tag => $"{tag.Key}: {tag.Value}")));
        }
    }

    private IEnumerable<(string Name, string Value)> Numbers()
    {
        foreach (NumberField field in HyperparameterFields.All)
        {
            double? chosen = Form[field.Name];
            double? resolved = chosen ?? (Estimate is null ? null : HyperparameterFields.Read(Estimate.Resolved, field.Name));
            bool advancedDefault = HyperparameterFields.Advanced.Contains(field) && chosen == field.Default;
            if (!advancedDefault)
            {
                yield return (L[field.Label], resolved is null ? L["fitted"] : chosen is null ? L["{0} (fitted)", NumberField.Text(resolved.Value)] : NumberField.Text(resolved.Value));
            }
        }

        yield return (L["Early stopping"], Form.Choices.EarlyStopping ? L["on"] : L["off"]);
        Hyperparameters defaults = new();
        if (Form.Choices.LossType != defaults.LossType)
        {
            yield return (L["Loss type"], Form.Choices.LossType.ToString());
        }

        if (Form.Choices.AdvantageScaling != defaults.AdvantageScaling)
        {
            yield return (L["Advantage scaling"], Form.Choices.AdvantageScaling.ToString());
        }

        if (Form.Choices.Schedule != defaults.Schedule)
        {
            yield return (L["Schedule"], Form.Choices.Schedule.ToString());
        }

        if (Form.Choices.MaskTruncatedCompletions)
        {
            yield return (L["Truncated answers"], L["left out of the update"]);
        }

        if (Form.Choices.LoraTargets.Count < defaults.LoraTargets.Count)
        {
            yield return (L["Layers with an adapter"], string.Join(", ", Form.Choices.LoraTargets));
        }

        yield return (L["Other advanced settings"], L["defaults"]);
    }
}
