using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Jobs;

/// <summary>Ranges, defaults and the number of steps.</summary>
public sealed class HyperparameterRulesTests
{
    private static readonly DecoderConfig Tiny = new() { VocabularySize = 1000, HiddenSize = 100, IntermediateSize = 300, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 4, HeadSize = 25, ContextLength = 512, TiedEmbeddings = true };

    public static TheoryData<string, double> OutOfRange => new()
    {
        { "epochCount", 0 }, { "epochCount", 51 }, { "batchSize", 0 }, { "batchSize", 513 }, { "learningRate", 1e-8 }, { "learningRate", 0.1 }, { "learningRate", double.NaN }, { "maxPromptLength", 0 },
        { "maxPromptLength", 513 }, { "trainingSamplePerPrompt", 1 }, { "trainingSamplePerPrompt", 65 }, { "inferenceMaxTokens", 0 }, { "inferenceMaxTokens", 513 }, { "evalInterval", 0 }, { "evalInterval", 101 },
        { "maxSteps", 0 }, { "temperature", 0 }, { "temperature", 6 }, { "klCoefficient", -1 }, { "clipLow", 1.5 }, { "clipHigh", -0.1 }, { "updatesPerBatch", 0 }, { "loraRank", 0 }, { "loraRank", 257 },
        { "loraAlpha", 0 }, { "warmupSteps", -1 }, { "weightDecay", 2 }, { "maxGradNorm", 0 }, { "earlyStoppingPatience", 0 }, { "checkpointInterval", 0 }, { "checkpointsToKeep", 0 }, { "rewardBatchSize", 0 },
        { "failureScore", double.PositiveInfinity }, { "accuracyThreshold", double.NaN },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_value_outside_its_range_is_named_with_field_and_range(string field, double value)
    {
        var property = typeof(Hyperparameters).GetProperty(char.ToUpperInvariant(field[0]) + field[1..])!;
        var h = new Hyperparameters();
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        property.SetValue(h, Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture));

        var error = Assert.Throws<UserInputException>(() => HyperparameterRules.Check(h, 512));
        Assert.StartsWith($"hyperparameters.{field}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(" to ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData()]
    [InlineData("q_proj", "q_proj")]
    [InlineData("lm_head")]
    public void Targets_that_are_no_linear_layers_are_refused(params string[] targets) =>
        Assert.StartsWith("hyperparameters.loraTargets: ", Assert.Throws<UserInputException>(() => HyperparameterRules.Check(new() { LoraTargets = targets }, 512)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_ends_of_the_ranges_and_the_defaults_are_inside()
    {
        HyperparameterRules.Check(new(), 512);
        HyperparameterRules.Check(new() { EpochCount = 50, BatchSize = 512, LearningRate = 1e-2, TrainingSamplePerPrompt = 64, InferenceMaxTokens = 512, EvalInterval = 100 }, 512);
        HyperparameterRules.Check(new() { BatchSize = 1, LearningRate = 1e-7, TrainingSamplePerPrompt = 2, InferenceMaxTokens = 1, EvalInterval = 1, ClipLow = 0, KlCoefficient = 0 }, 512);
    }

    [Fact]
    public void Every_default_is_filled_in_and_inside_its_range()
    {
        foreach (int rows in (int[])[1, 5, 100, 20_000])
        {
            var h = HyperparameterRules.Resolve(new(), Tiny, rows);

            HyperparameterRules.Check(h, Tiny.ContextLength);
            Assert.All([h.BatchSize, h.InferenceMaxTokens, h.MaxPromptLength, h.EvalInterval, h.CheckpointInterval], x => Assert.NotNull(x));
            Assert.NotNull(h.LearningRate);
            Assert.True(h.BatchSize <= rows);
            Assert.True(h.MaxPromptLength + h.InferenceMaxTokens <= Tiny.ContextLength);
            Assert.Equal(h.EvalInterval, h.CheckpointInterval);
        }
    }

    [Fact]
    public void What_the_author_wrote_stays()
    {
        var written = new Hyperparameters { BatchSize = 7, LearningRate = 1e-5, InferenceMaxTokens = 9, MaxPromptLength = 11, EvalInterval = 3, CheckpointInterval = 2, AccuracyThreshold = 0.3 };

        Assert.Equal(written, HyperparameterRules.Resolve(written, Tiny, 100));
    }

    [Theory]
    [InlineData(10, 4, 1, null, 3)]
    [InlineData(10, 4, 3, null, 9)]
    [InlineData(10, 4, 3, 5, 5)]
    [InlineData(8, 4, 1, 100, 2)]
    [InlineData(3, 512, 50, null, 50)]
    public void Steps_are_epochs_times_batches_at_most_the_limit(int rows, int batch, int epochs, int? limit, int expected) =>
        Assert.Equal(expected, HyperparameterRules.TotalSteps(new() { BatchSize = batch, EpochCount = epochs, MaxSteps = limit }, rows));
}
