using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Compare;

/// <summary>One setting of several jobs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its values, by job.</param>
public sealed record SettingRow(string Name, IReadOnlyList<string> Values)
{
    public bool Differs => Values.Distinct().Count() > 1;

    /// <summary>All settings of jobs, resolved where a job has resolved them.</summary>
    public static IReadOnlyList<SettingRow> Of(IReadOnlyList<JobDetails> jobs) =>
    [
        Row(jobs, L["Base model"], job => job.Specification.BaseModel),
        Row(jobs, L["Continues from"], job => job.InitialModelId ?? Path.GetFileName(job.Specification.InitialAdapter) ?? Display.None),
        Row(jobs, L["Training data"], job => Data(job.Specification.TrainingData.SampleData, job.Specification.TrainingData.File, job.TrainingDataSetVersion)),
        Row(jobs, L["SHA-256 of the data"], job => job.Plan?.Data?.ContentHash is { Length: > 12 } hash ? hash[..12] + "…" : Display.None),
        Row(jobs, L["Validation data"], job => job.Specification.ValidationData is { File: not null } given ? Data(null, given.File, job.ValidationDataSetVersion) : L["{0} of the training rows", Display.Percent(job.Specification.ValidationData?.Share ?? 0.1)]),
        Row(jobs, L["Reward function"], job => L[job.Summary.RewardName]),
        .. HyperparameterFields.All.Select(field => Row(jobs, L[field.Label], job => HyperparameterFields.Read(job.Plan?.Hyperparameters ?? job.Specification.Hyperparameters, field.Name) is { } number ? NumberField.Text(number) : L["not set"])),
        Row(jobs, L["Early stopping"], job => job.Specification.Hyperparameters.EarlyStopping ? L["on"] : L["off"]),
        Row(jobs, L["Loss type"], job => job.Specification.Hyperparameters.LossType.ToString()),
        Row(jobs, L["Advantage scaling"], job => job.Specification.Hyperparameters.AdvantageScaling.ToString()),
        Row(jobs, L["Schedule"], job => job.Specification.Hyperparameters.Schedule.ToString()),
        Row(jobs, L["Truncated answers"], job => job.Specification.Hyperparameters.MaskTruncatedCompletions ? L["left out of the update"] : L["learnt from"]),
        Row(jobs, L["Network isolation"], job => Display.Network(job.Specification.NetworkIsolation)),
        Row(jobs, L["Layers with an adapter"], job => string.Join(", ", job.Specification.Hyperparameters.LoraTargets)),
    ];

    private static SettingRow Row(IReadOnlyList<JobDetails> jobs, string name, Func<JobDetails, string> value) => new(name, [.. jobs.Select(value)]);

    private static string Data(string? sample, string? file, int? version) => sample ?? (file is null ? Display.None : version > 1 ? L["{0}, version {1}", Path.GetFileName(file), version] : Path.GetFileName(file));
}
