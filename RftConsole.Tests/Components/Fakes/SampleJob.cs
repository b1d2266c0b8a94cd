using RftConsole.Training.Jobs;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Jobs, rollouts and models for tests of pages.</summary>
public static class SampleJob
{
    public static JobDetails Make(string id, JobStatus status = JobStatus.InProgress, string? modelId = null) => new(
        new JobSummary(id, "arith", "arith-tuned", "starter", "Mathematical reasoning with ground truth verification", status,
            DateTimeOffset.UtcNow.AddMinutes(-4), DateTimeOffset.UtcNow.AddMinutes(-3), status is JobStatus.InProgress ? null : DateTimeOffset.UtcNow.AddMinutes(-1),
            12, 40, 0.31, 0.58, status == JobStatus.InProgress ? TimeSpan.FromSeconds(125) : null, null, modelId, new Dictionary<string, string> { ["team"] = "demo" }),
        new JobSpecification
        {
            Name = "arith",
            CustomModelName = "arith-tuned",
            BaseModel = "starter",
            TrainingData = new TrainingDataSource { SampleData = "arithmetic" },
            RewardFunction = new RewardFunctionSpecification { Template = "math-reasoning" },
        },
        null,
        new Dictionary<JobPhase, PhaseStatus>
        {
            [JobPhase.Validation] = PhaseStatus.Completed,
            [JobPhase.DataProcessing] = PhaseStatus.Completed,
            [JobPhase.Training] = status == JobStatus.Completed ? PhaseStatus.Completed : PhaseStatus.InProgress,
        },
        [new JobLogLine(DateTimeOffset.UnixEpoch, "Information", "288 prompts, 32 held out.")],
        "/data/jobs/" + id);

    public static Rollout MakeRollout(int step, int prompt, int sample, string completion = "3 + 4 = 7\nANSWER: 7", double reward = 1, double advantage = 0.5) =>
        new(step, prompt, sample, "arith-" + prompt, "Mia has 3 pears and buys 4 more. How many pears has she?", completion, 14, "stop", reward, advantage, "7", [], null, "");

    public static CustomModel MakeModel(string id) => new(
        id, "arith-tuned", "starter", "j1", "arith", DateTimeOffset.UtcNow.AddMinutes(-1), 30, "/data/models/" + id,
        new Dictionary<string, double> { ["eval/reward"] = 0.31, ["eval/accuracy"] = 0.31, ["eval/completions/mean_length"] = 22.4 },
        new Dictionary<string, double> { ["eval/reward"] = 0.81, ["eval/accuracy"] = 0.81, ["eval/completions/mean_length"] = 24.1 },
        [new ModelCheckpoint(20, false, "/c/20", 0.7), new ModelCheckpoint(30, true, "/c/30", 0.81), new ModelCheckpoint(40, false, "/c/40", 0.8)],
        new Dictionary<string, string>());
}
