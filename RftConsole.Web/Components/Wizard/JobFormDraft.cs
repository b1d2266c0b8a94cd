using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Web.DataSets;
using RftConsole.Web.Rewards;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Which version of a thing of the library was chosen.</summary>
internal sealed record ChosenVersion(string Id, int Version);

/// <summary>All that the wizard's fields hold, as text: what a browser keeps of it. Data sets and saved functions are named, and looked up again.</summary>
internal sealed record JobFormDraft
{
    public required string Model { get; init; }

    public required string Name { get; init; }

    /// <summary>Null where it follows the job's name.</summary>
    public string? CustomModelName { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; }

    public TrainingSource Source { get; init; }

    public required string SampleData { get; init; }

    public ChosenVersion? DataSet { get; init; }

    public ChosenVersion? ValidationSet { get; init; }

    public double? ValidationPercent { get; init; }

    public required string OutputS3Uri { get; init; }

    public NetworkMode Network { get; init; }

    public required string NetworkHosts { get; init; }

    public string? EncryptionKey { get; init; }

    public required Hyperparameters Choices { get; init; }

    public required IReadOnlyDictionary<string, double?> Numbers { get; init; }

    public RewardOrigin RewardOrigin { get; init; }

    public required string RewardTemplate { get; init; }

    public required string RewardCode { get; init; }

    public required string RewardRequirements { get; init; }

    public ChosenVersion? SavedReward { get; init; }

    /// <summary>Of a reward function that is no code.</summary>
    public RewardFunctionSpecification? Reward { get; init; }

    /// <summary>The form as text.</summary>
    public static string Write(JobForm form) => StoredJson.Write(new JobFormDraft
    {
        Model = form.ModelChoice,
        Name = form.Name,
        CustomModelName = form.CustomModelName == form.ProposedModelName ? null : form.CustomModelName,
        Description = form.Description,
        Tags = [.. form.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value))],
        Source = form.Source,
        SampleData = form.SampleData,
        DataSet = Chosen(form.DataSet),
        ValidationSet = Chosen(form.ValidationSet),
        ValidationPercent = form.ValidationPercent,
        OutputS3Uri = form.OutputS3Uri,
        Network = form.Network,
        NetworkHosts = form.NetworkHosts,
        EncryptionKey = form.EncryptionKey,
        Choices = form.Choices,
        Numbers = HyperparameterFields.All.ToDictionary(field => field.Name, field => form[field.Name]),
        RewardOrigin = form.Reward.Origin,
        RewardTemplate = form.Reward.Template,
        RewardCode = form.Reward.Code,
        RewardRequirements = form.Reward.Requirements,
        SavedReward = form.Reward is { Origin: RewardOrigin.Saved, Saved: { } saved } ? new(saved.Version.RewardId, saved.Version.Number) : null,
        Reward = form.Reward is { Origin: not RewardOrigin.Saved, Type: not RewardFunctionSpecification.CustomCode } ? form.Reward.Draft.Specification : null,
    });

    /// <summary>Fills a form. What is gone by now is left out; the form says then what is missing.</summary>
    /// <exception cref="System.Text.Json.JsonException">The text is no form of this version of the console.</exception>
    public static async Task RestoreAsync(string text, JobForm form, IDataSets dataSets, IRewardLibrary library, CancellationToken cancellationToken)
    {
        JobFormDraft draft = StoredJson.Read<JobFormDraft>(text);
        form.ModelChoice = draft.Model;
        form.Name = draft.Name;
        form.CustomModelName = draft.CustomModelName ?? "";
        form.Description = draft.Description;
        form.Tags.Clear();
        form.Tags.AddRange(draft.Tags.Select(tag => new TagEntry { Key = tag.Key, Value = tag.Value }));
        form.Source = draft.Source;
        form.SelectSampleData(draft.SampleData);
        form.DataSet = await FindAsync(draft.DataSet, dataSets, cancellationToken);
        form.ValidationSet = await FindAsync(draft.ValidationSet, dataSets, cancellationToken);
        form.ValidationPercent = draft.ValidationPercent;
        form.OutputS3Uri = draft.OutputS3Uri;
        (form.Network, form.NetworkHosts, form.EncryptionKey) = (draft.Network, draft.NetworkHosts, draft.EncryptionKey);
        form.Choices = draft.Choices;
        foreach ((string name, double? value) in draft.Numbers)
        {
            form[name] = value;
        }

        await RestoreRewardAsync(draft, form.Reward, library, cancellationToken);
    }

    private static async Task RestoreRewardAsync(JobFormDraft draft, RewardChoice reward, IRewardLibrary library, CancellationToken cancellationToken)
    {
        (reward.Template, reward.Code, reward.Requirements) = (draft.RewardTemplate, draft.RewardCode, draft.RewardRequirements);
        if (draft.SavedReward is { } chosen)
        {
            if (await library.FindAsync(chosen.Id, cancellationToken) is { } entry && entry.Versions.FirstOrDefault(version => version.Number == chosen.Version) is { } version)
            {
                reward.TakeSaved(new(entry.Reward.Name, version));
            }
        }
        else if (draft.Reward is { } specification)
        {
            reward.TakeSpecification(specification);
            reward.Origin = draft.RewardOrigin;
        }
        else
        {
            reward.TakeType(RewardFunctionSpecification.CustomCode);
            reward.Origin = draft.RewardOrigin;
        }
    }

    private static ChosenVersion? Chosen(UploadedDataSet? dataSet) => dataSet is null ? null : new(dataSet.Id, dataSet.Version);

    private static Task<UploadedDataSet?> FindAsync(ChosenVersion? chosen, IDataSets dataSets, CancellationToken cancellationToken) =>
        chosen is null ? Task.FromResult<UploadedDataSet?>(null) : dataSets.FindVersionAsync(chosen.Id, chosen.Version, cancellationToken);
}
