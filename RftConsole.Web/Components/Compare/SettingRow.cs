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
        Row(jobs, "Base model", job => job.Specification.BaseModel),
        Row(jobs, "Continues from", job => job.InitialModelId ?? Path.GetFileName(job.Specification.InitialAdapter) ?? Display.None),
        Row(jobs, "Training data", job => Data(job.Specification.TrainingData.SampleData, job.Specification.TrainingData.File, job.TrainingDataSetVersion)),
        Row(jobs, "SHA-256 of the data", job => job.Plan?.Data?.ContentHash is { Length: > 12 } hash ? hash[..12] + "…" : Display.None),
        Row(jobs, "Validation data", job => job.Specification.ValidationData is { File: not null } given ? Data(null, given.File, job.ValidationDataSetVersion) : Display.Percent(job.Specification.ValidationData?.Share ?? 0.1) + " of the training rows"),
        Row(jobs, "Reward function", job => job.Summary.RewardName),
        .. HyperparameterFields.All.Select(field => Row(jobs, field.Label, job => HyperparameterFields.Read(job.Plan?.Hyperparameters ?? job.Specification.Hyperparameters, field.Name) is { } number ? NumberField.Text(number) : "not set")),
        Row(jobs, "Early stopping", job => job.Specification.Hyperparameters.EarlyStopping ? "on" : "off"),
        Row(jobs, "Loss type", job => job.Specification.Hyperparameters.LossType.ToString()),
        Row(jobs, "Advantage scaling", job => job.Specification.Hyperparameters.AdvantageScaling.ToString()),
        Row(jobs, "Schedule", job => job.Specification.Hyperparameters.Schedule.ToString()),
        Row(jobs, "Truncated answers", job => job.Specification.Hyperparameters.MaskTruncatedCompletions ? "left out of the update" : "learnt from"),
        Row(jobs, "Network isolation", job => Display.Network(job.Specification.NetworkIsolation)),
        Row(jobs, "Layers with an adapter", job => string.Join(", ", job.Specification.Hyperparameters.LoraTargets)),
    ];

    private static SettingRow Row(IReadOnlyList<JobDetails> jobs, string name, Func<JobDetails, string> value) => new(name, [.. jobs.Select(value)]);

    private static string Data(string? sample, string? file, int? version) => sample ?? (file is null ? Display.None : Path.GetFileName(file) + (version > 1 ? $", version {version}" : ""));
}
