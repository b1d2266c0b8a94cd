using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Jobs;

/// <summary>job.json: every field comes back, and what is wrong is named.</summary>
public sealed class JobSpecificationFileTests
{
    private const string Minimal = """{"name":"n","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"rewardFunction":{"template":"math-reasoning"}}""";

    [Fact]
    public void Every_field_comes_back()
    {
        var job = new JobSpecification
        {
            Name = "arith",
            CustomModelName = "arith-tuned",
            Description = "with \"quotes\" and ü",
            Tags = new Dictionary<string, string> { ["team"] = "demo" },
            BaseModel = "starter",
            InitialAdapter = "adapter",
            TrainingData = new() { File = "train.jsonl" },
            ValidationData = new() { Share = 0.25 },
            RewardFunction = new() { Template = "math-reasoning" },
            Hyperparameters = new()
            {
                EpochCount = 2, BatchSize = 3, LearningRate = 4e-4, MaxPromptLength = 5, TrainingSamplePerPrompt = 6, InferenceMaxTokens = 7, EvalInterval = 8, MaxSteps = 9, Temperature = 0.9,
                LossType = LossType.DrGrpo, AdvantageScaling = AdvantageScaling.None, KlCoefficient = 0.1, ClipLow = 0.11, ClipHigh = 0.12, UpdatesPerBatch = 13, MaskTruncatedCompletions = true, LoraRank = 14,
                LoraAlpha = 15, LoraTargets = ["q_proj"], Schedule = LearningRateSchedule.Cosine, WarmupSteps = 16, WeightDecay = 0.17, MaxGradNorm = 18, EarlyStopping = false, EarlyStoppingPatience = 19,
                CheckpointInterval = 20, CheckpointsToKeep = 2, RewardBatchSize = 21, FailureScore = -22, AccuracyThreshold = 0.23, Seed = long.MaxValue, ReasoningEffort = ReasoningEffort.Low,
            },
        };
        string json = JobSpecificationFile.Serialize(job);
        var back = JobSpecificationFile.Parse(json, "job.json");

        Assert.Equal(json, JobSpecificationFile.Serialize(back));
        Assert.Equal(job.Tags, back.Tags);
        Assert.Equal(job.Hyperparameters with { LoraTargets = back.Hyperparameters.LoraTargets }, back.Hyperparameters);
        Assert.Equal(job.Hyperparameters.LoraTargets, back.Hyperparameters.LoraTargets);
        Assert.Equal((job.Name, job.CustomModelName, job.Description, job.BaseModel, job.InitialAdapter, job.TrainingData, job.ValidationData, job.RewardFunction), (back.Name, back.CustomModelName, back.Description, back.BaseModel, back.InitialAdapter, back.TrainingData, back.ValidationData, back.RewardFunction));

        // A field that is left out of this test would have its default.
        var defaults = new Hyperparameters();
        Assert.All(typeof(Hyperparameters).GetProperties(), x => Assert.NotEqual(x.GetValue(defaults), x.GetValue(back.Hyperparameters)));
    }

    [Fact]
    public void A_minimal_file_has_the_defaults()
    {
        var job = JobSpecificationFile.Parse(Minimal, "job.json");

        Assert.Equal("customCode", job.RewardFunction.Type);
        Assert.Null(job.ValidationData);
        Assert.Equal((1, 8, 1.0, 0.0, 0.2, 0.28, 16, 32.0, 42L), (job.Hyperparameters.EpochCount, job.Hyperparameters.TrainingSamplePerPrompt, job.Hyperparameters.Temperature, job.Hyperparameters.KlCoefficient, job.Hyperparameters.ClipLow, job.Hyperparameters.ClipHigh, job.Hyperparameters.LoraRank, job.Hyperparameters.LoraAlpha, job.Hyperparameters.Seed));
        Assert.Equal(7, job.Hyperparameters.LoraTargets.Count);
    }

    [Theory]
    [InlineData("""{"name":"n","basemodel":"starter"}""", "basemodel", "unknown key")]
    [InlineData("""{"hyperparameters":{"learning_rate":1}}""", "hyperparameters.learning_rate", "unknown key")]
    [InlineData("""{"hyperparameters":{"batchSize":"many"}}""", "hyperparameters.batchSize", "wrong type")]
    [InlineData("""{"hyperparameters":{"batchSize":2.5}}""", "hyperparameters.batchSize", "wrong type")]
    [InlineData("""{"hyperparameters":{"lossType":"ppo"}}""", "hyperparameters.lossType", "wrong type")]
    [InlineData("""{"hyperparameters":{"lossType":9}}""", "hyperparameters.lossType", "wrong type")]
    [InlineData("""{"hyperparameters":{"loraTargets":"all"}}""", "hyperparameters.loraTargets", "wrong type")]
    [InlineData("""{"hyperparameters":null}""", "hyperparameters", "must not be null")]
    [InlineData("""{"name":null}""", "name", "must not be null")]
    [InlineData("""{"name":"a","name":"b"}""", "name", "stands twice")]
    [InlineData("""{"name":"n","baseModel":"starter"}""", "trainingData", "lacks")]
    [InlineData("""{"name":"n",""", "job.json", "")]
    [InlineData("null", "job.json", "is null")]
    [InlineData("[]", "job.json", "wrong type")]
    public void What_is_wrong_is_named_in_one_line_without_names_of_types(string json, string field, string reason)
    {
        var error = Assert.Throws<UserInputException>(() => JobSpecificationFile.Parse(json, "job.json"));

        Assert.StartsWith("job.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("RftConsole.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Relative_paths_are_relative_to_the_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "model"));
        string file = folder.Write(
            "job.json",
            """{"name":"n","baseModel":"model","trainingData":{"file":"data/train.jsonl"},"validationData":{"file":"../val.jsonl"},"rewardFunction":{"file":"reward.py"}}""");
        var job = JobSpecificationFile.Load(file);

        Assert.Equal(Path.Combine(folder.Path, "model"), job.BaseModel);
        Assert.Equal(Path.Combine(folder.Path, "data", "train.jsonl"), job.TrainingData.File);
        Assert.Equal(Path.Combine(Path.GetDirectoryName(folder.Path)!, "val.jsonl"), job.ValidationData!.File);
        Assert.Equal(Path.Combine(folder.Path, "reward.py"), job.RewardFunction.File);
        Assert.Equal("starter", JobSpecificationFile.Load(folder.Write("job2.json", Minimal)).BaseModel);
        Assert.Contains("does not exist", Assert.Throws<UserInputException>(() => JobSpecificationFile.Load(file + "x")).Message, StringComparison.Ordinal);
    }
}
