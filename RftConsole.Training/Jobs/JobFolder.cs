namespace RftConsole.Training.Jobs;

/// <summary>Names of the artefacts in a job's folder.</summary>
public sealed class JobFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The resolved specification.</summary>
    public string Specification => In("job.json");

    /// <summary>One line a step.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>One line a rollout.</summary>
    public string Rollouts => In("rollouts.jsonl");

    /// <summary>Calls that network isolation refused, one line each; there once there is one.</summary>
    public string RefusedCalls => In("refused-calls.jsonl");

    /// <summary>The training records, where they were fetched or converted from elsewhere.</summary>
    public string TrainingData => In("training-data.jsonl");

    public string TrainingCsv => In("step_wise_training_metrics.csv");

    public string ValidationCsv => In("validation_metrics.csv");

    public string Checkpoints => In("checkpoints");

    /// <summary>Locked while a run works in the folder.</summary>
    public string Lock => In("job.lock");

    /// <summary>The adapter in PEFT form.</summary>
    public string Adapter => In("adapter");

    /// <summary>The folder of one checkpoint, relative to the job's.</summary>
    public static string CheckpointName(int step) => $"checkpoints/step-{step}";

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
