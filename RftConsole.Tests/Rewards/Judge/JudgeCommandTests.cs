using RftConsole.Tests.Cli;
using RftConsole.Tests.Web.Fakes;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>The commands <c>reward</c> and <c>evaluate</c> with a judge, as processes of their own.</summary>
public sealed class JudgeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Samples => _folder.Write("samples.jsonl", """
        {"id":"a","messages":[{"role":"user","content":"What is 1 + 1?"},{"role":"assistant","content":"two"}]}
        {"id":"b","messages":[{"role":"user","content":"What is 1 + 1?"},{"role":"assistant","content":"three"}]}
        """);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_judges_template_is_judged_by_the_embedded_model_unless_told_otherwise()
    {
        var result = await Engine.RunAsync("reward", "--reward", "instruction-following", "--samples", Samples, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Json.GetProperty("errors").EnumerateArray());
        Assert.All(result.Json.GetProperty("results").EnumerateArray(), entry => Assert.InRange(entry.GetProperty("aggregate_reward_score").GetDouble(), 0, 1));
        Assert.Contains("it is given their goal without the criteria", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_judges_with_the_key_of_the_environment_and_a_missing_verdict_is_an_error_and_no_score()
    {
        await using JudgeServer server = await JudgeServer.StartAsync();
        server.Answer = request => Task.FromResult(JudgeServer.Completion(request.Texts[0].Contains("three", StringComparison.Ordinal) ? "hm" : """{"score": 0.75, "reasoning": "well"}"""));

        var result = await Engine.RunAsync(
            new Dictionary<string, string> { ["JUDGE_KEY"] = "secret-of-a-test" },
            "reward", "--reward", "rag-faithfulness", "--judge-model", server.BaseUrl, "--judge-model-name", "big", "--judge-api-key-env", "JUDGE_KEY", "--samples", Samples, "--json");

        Assert.Equal(0, result.ExitCode);
        var results = result.Json.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(0.75, results[0].GetProperty("aggregate_reward_score").GetDouble());
        Assert.Contains("well", results[0].GetProperty("output").GetString(), StringComparison.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, results[1].GetProperty("aggregate_reward_score").ValueKind);
        Assert.Equal("b", Assert.Single(result.Json.GetProperty("errors").EnumerateArray()).GetProperty("id").GetString());
        Assert.All(server.Requests, request => Assert.Equal(("Bearer secret-of-a-test", "big"), (request.Authorization, request.Body["model"]!.GetValue<string>())));
        Assert.DoesNotContain("secret-of-a-test", result.Output + string.Concat(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_counts_a_judges_half_as_accurate_and_leaves_out_what_has_no_verdict()
    {
        await using JudgeServer server = await JudgeServer.StartAsync();
        server.Answer = request => Task.FromResult(JudgeServer.Completion(request.Texts[0].Contains("2 + 1?", StringComparison.Ordinal) ? "hm" : request.Texts[0].Contains("3 + 1?", StringComparison.Ordinal) ? """{"score": 0.25}""" : """{"score": 0.5}"""));
        string data = _folder.Write("records.jsonl", string.Concat(Enumerable.Range(1, 3).Select(i => $$"""{"id":"r{{i}}","messages":[{"role":"user","content":"What is {{i}} + 1?"}]}""" + "\n")));
        string reward = _folder.Write("judge.json", $$"""{"type":"modelAsJudge","judgeModel":{"baseUrl":"{{server.BaseUrl}}","model":"m"},"instructions":"Grade {completion} for {prompt}"}""");

        var result = await Engine.RunAsync("evaluate", "--model", "starter", "--data", data, "--reward", reward, "--max-tokens", "16", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal((0.375, 0.5, 3, 1), (result.Json.GetProperty("reward").GetDouble(), result.Json.GetProperty("accuracy").GetDouble(), result.Json.GetProperty("count").GetInt32(), result.Json.GetProperty("unjudged").GetInt32()));
        var rows = result.Json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Contains("could not be read", rows[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--reward math-reasoning --judge-model starter", "--judge-model: nothing judges here")]
    [InlineData("--reward summarization --judge-model http://127.0.0.1:9/v1", "--judge-model-name: is missing")]
    [InlineData("--reward summarization --judge-model starter --judge-model-name m", "--judge-model-name: --judge-model must be the base URL")]
    [InlineData("--reward summarization --judge-model nobody", "rewardFunction.judgeModel: ")]
    [InlineData("--reward summarization --judge-model http://127.0.0.1:9/v1 --judge-model-name m --judge-api-key-env NO_SUCH_VARIABLE", "rewardFunction.judgeModel.apiKeyEnv: the environment variable NO_SUCH_VARIABLE is not set")]
    [InlineData("--reward {folder}/none.json", "none.json: the file does not exist")]
    [InlineData("--reward {folder}/wrong.json", "wrong.json, judgemodel: unknown key")]
    public async Task Options_that_do_not_fit_end_with_status_2_and_one_line(string options, string named)
    {
        _folder.Write("wrong.json", """{"type":"modelAsJudge","judgemodel":"starter"}""");

        var result = await Engine.RunAsync(["reward", .. options.Replace("{folder}", _folder.Path, StringComparison.Ordinal).Split(' '), "--samples", Samples]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, Assert.Single(result.Errors), StringComparison.Ordinal);
    }
}
