using System.Text.Json.Nodes;

using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;

namespace RftConsole.Tests.Jobs;

/// <summary>A job of the starter model that takes seconds, and what two runs of it have in common.</summary>
internal static class SmallJob
{
    public static JobSpecification Specification { get; } = new()
    {
        Name = "small",
        BaseModel = "starter",
        TrainingData = new() { SampleData = "arithmetic" },
        ValidationData = new() { Share = 0.02 },
        RewardFunction = new() { Template = "math-reasoning" },
        Hyperparameters = new() { BatchSize = 4, TrainingSamplePerPrompt = 4, MaxSteps = 6, EvalInterval = 2, InferenceMaxTokens = 32, LearningRate = 2e-3 },
    };

    /// <summary>Runs a job in a folder; <paramref name="onEvent"/> sees each event.</summary>
    public static Task<JobFinished> RunAsync(string folder, Action<JobEvent>? onEvent = null, JobSignals? signals = null, JobSpecification? job = null, TimeProvider? time = null) =>
        new RftJob(job ?? Specification, folder, TestEngine.Models, time).RunAsync(
            e =>
            {
                onEvent?.Invoke(e);
                return ValueTask.CompletedTask;
            },
            signals ?? new());

    /// <summary>The adapter byte for byte; the artefacts apart from times.</summary>
    public static void AssertSame(string expected, string actual)
    {
        var (a, b) = (new JobFolder(expected), new JobFolder(actual));
        Assert.Equal(VaultFiles.ReadAllBytes(Path.Combine(a.Adapter, "adapter_model.safetensors")), VaultFiles.ReadAllBytes(Path.Combine(b.Adapter, "adapter_model.safetensors")));
        Assert.Equal(VaultFiles.ReadAllText(Path.Combine(a.Adapter, "adapter_config.json")), VaultFiles.ReadAllText(Path.Combine(b.Adapter, "adapter_config.json")));
        Assert.Equal(WithoutTimes(a.Metrics), WithoutTimes(b.Metrics));
        Assert.Equal(VaultFiles.ReadAllText(a.Rollouts), VaultFiles.ReadAllText(b.Rollouts));
        Assert.Equal(VaultFiles.ReadAllText(a.TrainingCsv), VaultFiles.ReadAllText(b.TrainingCsv));
        Assert.Equal(VaultFiles.ReadAllText(a.ValidationCsv), VaultFiles.ReadAllText(b.ValidationCsv));
    }

    private static string[] WithoutTimes(string path)
    {
        string[] lines = [.. VaultFiles.ReadLines(path).Select(line =>
        {
            var json = JsonNode.Parse(line)!.AsObject();
            foreach (string key in json.Select(x => x.Key).Where(x => x.StartsWith("time/", StringComparison.Ordinal) || x is "step_time" or "timestamp").ToArray())
            {
                json.Remove(key);
            }

            return json.ToJsonString();
        })];
        Assert.NotEmpty(lines);
        return lines;
    }
}
