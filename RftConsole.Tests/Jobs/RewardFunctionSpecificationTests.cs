using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Jobs;

/// <summary>The key <c>rewardFunction</c> of a job file: every type comes back as it was written, and what is wrong is named by its path.</summary>
public sealed class RewardFunctionSpecificationTests
{
    [Theory]
    [InlineData("""{"type":"customCode","file":"/reward.py"}""")]
    [InlineData("""{"type":"customCode","template":"math-reasoning"}""")]
    [InlineData("""{"type":"lambda","endpoint":"http://127.0.0.1:9001","functionName":"my-reward"}""")]
    [InlineData("""{"type":"lambda","functionName":"arn:aws:lambda:eu-west-1:123456789012:function:grade:3","region":"eu-west-1","profile":"team"}""")]
    [InlineData("""{"type":"lambda","functionName":"f","credentials":{"accessKeyIdEnv":"A","secretAccessKeyEnv":"B","sessionTokenEnv":"C"}}""")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":"starter","instructions":"Is {completion} right? {\"score\": 1}"}""")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"baseUrl":"http://127.0.0.1:9001/v1","model":"m","apiKeyEnv":"KEY"},"instructions":"x","scoring":"json","limits":{"concurrency":4,"requestsPerMinute":60,"timeoutSeconds":2.5,"maxTokens":64,"callBudget":1000}}""")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":"starter","scoring":"probability","rubric":{"criteria":[{"name":"short","description":"It is short.","weight":2}],"calls":"each"}}""")]
    [InlineData("""{"type":"weighted","parts":[{"weight":0.8,"rewardFunction":{"type":"customCode","template":"math-reasoning"}},{"name":"style","weight":-0.5,"rewardFunction":{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"type":"customCode","file":"/style.py"}}]}}]}""")]
    public void Each_type_comes_back_as_it_was_written(string reward)
    {
        var job = Parse(reward);
        RewardSpecificationRules.Check(job.RewardFunction);

        string written = JobSpecificationFile.Serialize(job);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(reward), JsonNode.Parse(written)!["rewardFunction"]), written);
        Assert.Equal(job.RewardFunction, JobSpecificationFile.Parse(written, "job.json").RewardFunction);
        Assert.Equal(job.RewardFunction.GetHashCode(), JobSpecificationFile.Parse(written, "job.json").RewardFunction.GetHashCode());
    }

    [Fact]
    public void Two_that_differ_deep_inside_are_not_equal()
    {
        string reward = """{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a","description":"b"}]}}}]}""";

        Assert.NotEqual(Parse(reward).RewardFunction, Parse(reward.Replace("\"b\"", "\"c\"", StringComparison.Ordinal)).RewardFunction);
    }

    [Theory]
    [InlineData("""{"type":"lambda","function":"f"}""", "rewardFunction.function: unknown key")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"baseUrl":"http://h","model":"m","apiKey":"s3cret"}}""", "rewardFunction.judgeModel: unknown key apiKey")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"model":"m"}}""", "rewardFunction.judgeModel: lacks baseUrl")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"baseUrl":7}}""", "rewardFunction.judgeModel: baseUrl must be a text")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":7}""", "rewardFunction.judgeModel: must be a model's name")]
    [InlineData("""{"type":"modelAsJudge","scoring":"stars"}""", "rewardFunction.scoring: a value of the wrong type")]
    [InlineData("""{"type":"modelAsJudge","limits":{"retries":3}}""", "rewardFunction.limits.retries: unknown key")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a","description":"b","wieght":1}]}}""", "rewardFunction.rubric.criteria[0].wieght: unknown key")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a"}]}}""", "rewardFunction.rubric.criteria[0]: lacks 'description'")]
    [InlineData("""{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"tpye":"customCode"}}]}""", "rewardFunction.parts[0].rewardFunction.tpye: unknown key")]
    [InlineData("""{"type":"weighted","parts":[{"rewardFunction":{}}]}""", "rewardFunction.parts[0]: lacks 'weight'")]
    [InlineData("""{"type":"weighted","parts":[{"weight":1}]}""", "rewardFunction.parts[0]: lacks 'rewardFunction'")]
    public void A_file_that_cannot_be_read_names_the_place(string reward, string message)
    {
        var error = Assert.Throws<UserInputException>(() => Parse(reward));

        Assert.StartsWith("job.json, " + message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RftConsole.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"magic"}""", "rewardFunction.type is 'magic'; it must be one of customCode, lambda, modelAsJudge, weighted.")]
    [InlineData("""{"type":"lambda","functionName":"f","file":"a.py"}""", "rewardFunction.file is not a key of type lambda; its keys are endpoint, functionName")]
    [InlineData("""{"type":"customCode","file":"a.py","instructions":"x"}""", "rewardFunction.instructions is not a key of type customCode")]
    [InlineData("""{"type":"lambda","endpoint":"http://h"}""", "rewardFunction.functionName is missing")]
    [InlineData("""{"type":"lambda","endpoint":"localhost:1","functionName":"f"}""", "rewardFunction.endpoint 'localhost:1' is not an http or https address")]
    [InlineData("""{"type":"lambda","functionName":"f","profile":"p","credentials":{"accessKeyIdEnv":"A","secretAccessKeyEnv":"B"}}""", "rewardFunction.credentials stands beside a profile")]
    [InlineData("""{"type":"modelAsJudge"}""", "rewardFunction has nothing to judge by")]
    [InlineData("""{"type":"modelAsJudge","instructions":" "}""", "rewardFunction.instructions are empty")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"baseUrl":"ftp://h","model":"m"},"instructions":"x"}""", "rewardFunction.judgeModel.baseUrl 'ftp://h' is not")]
    [InlineData("""{"type":"modelAsJudge","judgeModel":{"baseUrl":"http://h"},"instructions":"x"}""", "rewardFunction.judgeModel.model is missing")]
    [InlineData("""{"type":"modelAsJudge","instructions":"x","rubric":{"criteria":[]}}""", "rewardFunction.rubric.criteria is empty")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a b","description":"c"}]}}""", "rewardFunction.rubric.criteria[0].name 'a b'")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"score","description":"c"}]}}""", "rewardFunction.rubric.criteria[0].name 'score' is a key of the judge's answer")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a","description":"c"},{"name":"a","description":"d"}]}}""", "rewardFunction.rubric.criteria[1].name 'a' stands twice")]
    [InlineData("""{"type":"modelAsJudge","rubric":{"criteria":[{"name":"a","description":"c","weight":0}]}}""", "rewardFunction.rubric.criteria[0].weight is 0")]
    [InlineData("""{"type":"modelAsJudge","scoring":"probability","rubric":{"criteria":[{"name":"a","description":"c"}],"calls":"one"}}""", "rewardFunction.rubric.calls is one, and a probability answers only one question")]
    [InlineData("""{"type":"modelAsJudge","instructions":"x","limits":{"concurrency":0}}""", "rewardFunction.limits.concurrency is 0; it must lie between 1 and 256")]
    [InlineData("""{"type":"weighted","parts":[]}""", "rewardFunction.parts is empty")]
    [InlineData("""{"type":"weighted","parts":[{"weight":0,"rewardFunction":{"template":"math-reasoning"}}]}""", "rewardFunction.parts[0].weight is 0")]
    [InlineData("""{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"type":"lambda"}}]}""", "rewardFunction.parts[0].rewardFunction.functionName is missing")]
    public void A_field_that_cannot_be_used_is_named(string reward, string message) =>
        Assert.StartsWith(message, Assert.Throws<UserInputException>(() => RewardSpecificationRules.Check(Parse(reward).RewardFunction)).Message, StringComparison.Ordinal);

    [Fact]
    public void Relative_paths_are_relative_to_the_file_in_parts_too()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "judge"));
        string file = folder.Write("job.json", Job("""{"type":"weighted","parts":[{"weight":1,"rewardFunction":{"file":"reward.py"}},{"weight":1,"rewardFunction":{"type":"modelAsJudge","judgeModel":"judge","instructions":"x"}},{"weight":1,"rewardFunction":{"type":"modelAsJudge","judgeModel":"starter","instructions":"x"}}]}"""));

        var parts = JobSpecificationFile.Load(file).RewardFunction.Parts!;

        Assert.Equal(Path.Combine(folder.Path, "reward.py"), parts[0].RewardFunction.File);
        Assert.Equal(Path.Combine(folder.Path, "judge"), parts[1].RewardFunction.JudgeModel!.Name);
        Assert.Equal("starter", parts[2].RewardFunction.JudgeModel!.Name);
    }

    [Theory]
    [InlineData("""{"template":"math-reasoning"}""", 1)]
    [InlineData("""{"type":"lambda","functionName":"f"}""", 1)]
    [InlineData("""{"type":"modelAsJudge","instructions":"x"}""", 0.5)]
    [InlineData("""{"type":"weighted","parts":[{"weight":0.75,"rewardFunction":{"template":"math-reasoning"}},{"weight":0.5,"rewardFunction":{"type":"modelAsJudge","instructions":"x"}},{"weight":-1,"rewardFunction":{"file":"long.py"}}]}""", 1)]
    public void What_counts_as_accurate_follows_from_what_grades(string reward, double threshold) =>
        Assert.Equal(threshold, RewardSpecificationRules.AccuracyThreshold(Parse(reward).RewardFunction));

    private static JobSpecification Parse(string reward) => JobSpecificationFile.Parse(Job(reward), "job.json");

    private static string Job(string reward) => $$"""{"name":"n","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"rewardFunction":{{reward}}}""";
}
