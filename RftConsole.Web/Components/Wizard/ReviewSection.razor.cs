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
        $"{estimate.Resolved.BatchSize} prompts × {estimate.Resolved.TrainingSamplePerPrompt} answers each";

    private IEnumerable<(string Name, string Value)> Rows(string section) => section switch
    {
        "details" => Details(),
        "data" => [Data()],
        "reward" => [(RewardTypes.Title(Form.Reward.Type), Form.Reward.Title)],
        "hyperparameters" => Numbers(),
        "output" => [("Artefacts", "The console's data folder")],
        _ => [("Validation data", Form.ValidationSet is { } validation ? Describe(validation) : $"{Form.ValidationPercent:0.###} % of the training rows"), ("Network isolation", Display.Network(Form.Isolation)), ("Encryption key", Form.EncryptionKey ?? "none")],
    };

    private static string Describe(UploadedDataSet? dataSet) => dataSet is null ? Display.None : $"{dataSet.Name}, {Display.Count(dataSet.Rows)} rows";

    private (string Name, string Value) Data() => Form.Source != TrainingSource.Sample
        ? ("Uploaded data set", Describe(Form.DataSet))
        : ("Sample data", SampleDataSets.All.First(set => set.Name == Form.SampleData).Title);

    private IEnumerable<(string Name, string Value)> Details()
    {
        yield return ("Base model", Form.ModelTitle(Form.ModelChoice));
        yield return ("Job name", Form.Name);
        yield return ("Custom model name", Form.CustomModelName);
        if (Form.Description.Trim().Length > 0)
        {
            yield return ("Description", Form.Description);
        }

        if (Form.Tags.Count > 0)
        {
            yield return ("Tags", string.Join(", ", Form.Tags.Select(tag => $"{tag.Key}: {tag.Value}")));
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
                yield return (field.Label, resolved is null ? "fitted" : NumberField.Text(resolved.Value) + (chosen is null ? " (fitted)" : ""));
            }
        }

        yield return ("Early stopping", Form.Choices.EarlyStopping ? "on" : "off");
        Hyperparameters defaults = new();
        if (Form.Choices.LossType != defaults.LossType)
        {
            yield return ("Loss type", Form.Choices.LossType.ToString());
        }

        if (Form.Choices.AdvantageScaling != defaults.AdvantageScaling)
        {
            yield return ("Advantage scaling", Form.Choices.AdvantageScaling.ToString());
        }

        if (Form.Choices.Schedule != defaults.Schedule)
        {
            yield return ("Schedule", Form.Choices.Schedule.ToString());
        }

        if (Form.Choices.MaskTruncatedCompletions)
        {
            yield return ("Truncated answers", "left out of the update");
        }

        if (Form.Choices.LoraTargets.Count < defaults.LoraTargets.Count)
        {
            yield return ("Layers with an adapter", string.Join(", ", Form.Choices.LoraTargets));
        }

        yield return ("Other advanced settings", "defaults");
    }
}
