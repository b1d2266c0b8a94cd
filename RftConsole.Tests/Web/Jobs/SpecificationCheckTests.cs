using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class SpecificationCheckTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("a")]
    [InlineData("Arith-2.final_run")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890123")]
    public void A_good_name_is_taken_as_it_is(string name) =>
        Assert.Equal(name, SpecificationCheck.Complete(Good with { Name = name }, new NoNames()).Name);

    [Theory]
    [InlineData("", "give a name")]
    [InlineData("two words", "\" \" is not allowed")]
    [InlineData("naïve", "\"ï\" is not allowed")]
    [InlineData(".hidden", "must begin")]
    [InlineData("a/b", "\"/\" is not allowed")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234", "64 characters are too many")]
    public void A_bad_name_is_refused_with_what_is_wrong_with_it(string name, string reason)
    {
        string message = Refuse(Good with { Name = name });

        Assert.StartsWith("Job name: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_named_after_the_job_and_never_too_long()
    {
        string longest = new('a', 63);

        Assert.Equal("arith-tuned", SpecificationCheck.Complete(Good with { Name = "arith" }, new NoNames()).CustomModelName);
        Assert.Equal(new string('a', 57) + "-tuned", SpecificationCheck.Complete(Good with { Name = longest }, new NoNames()).CustomModelName);
    }

    [Fact]
    public void Each_field_that_cannot_be_used_is_named()
    {
        Assert.StartsWith("Base model: ", Refuse(Good with { BaseModel = "no-such-model" }), StringComparison.Ordinal);
        Assert.StartsWith("Training data: ", Refuse(Good with { TrainingData = new() }), StringComparison.Ordinal);
        Assert.StartsWith("Training data: ", Refuse(Good with { TrainingData = new() { File = "/nowhere.jsonl" } }), StringComparison.Ordinal);
        Assert.StartsWith("Sample data: ", Refuse(Good with { TrainingData = new() { SampleData = "nothing" } }), StringComparison.Ordinal);
        Assert.StartsWith("Validation data: ", Refuse(Good with { ValidationData = new() { Share = 1 } }), StringComparison.Ordinal);
        Assert.StartsWith("Reward function: ", Refuse(Good with { RewardFunction = new() }), StringComparison.Ordinal);
        Assert.StartsWith("Reward template: ", Refuse(Good with { RewardFunction = new() { Template = "nothing" } }), StringComparison.Ordinal);
        Assert.StartsWith("hyperparameters.learningRate: ", Refuse(Good with { Hyperparameters = new() { LearningRate = double.NaN } }), StringComparison.Ordinal);
        Assert.StartsWith("hyperparameters.epochCount: ", Refuse(Good with { Hyperparameters = new() { EpochCount = 51 } }), StringComparison.Ordinal);
        Assert.StartsWith("hyperparameters.trainingSamplePerPrompt: ", Refuse(Good with { Hyperparameters = new() { TrainingSamplePerPrompt = 1 } }), StringComparison.Ordinal);
    }

    private JobSpecification Good => ConsoleHarness.Specification(_root, "arith");

    private static string Refuse(JobSpecification specification) =>
        Assert.ThrowsAny<UserInputException>(() => SpecificationCheck.Complete(specification, new NoNames())).Message;

    private sealed class NoNames : IModelNames
    {
        public string? PathOf(string name) => null;
    }
}
