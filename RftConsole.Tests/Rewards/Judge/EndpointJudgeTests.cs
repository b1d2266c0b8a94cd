using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>A judge behind an endpoint: what it is sent, and that every way in which it can fail ends as it should.</summary>
public sealed class EndpointJudgeTests : IAsyncLifetime
{
    private const string Key = "sk-very-secret";

    private readonly PassingTime _time = new();
    private readonly List<(string Code, string Message)> _warnings = [];
    private JudgeServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await JudgeServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_request_is_a_chat_completion_at_temperature_0_with_the_key()
    {
        var result = Assert.Single(await ScoreAsync(1));

        Assert.Equal((0.5, true), (result.Score, result.IsJudged));
        JudgeRequest request = Assert.Single(_server.Requests);
        Assert.Equal($"Bearer {Key}", request.Authorization);
        string text = Assert.Single(request.Texts);
        Assert.StartsWith("Grade r0.", text, StringComparison.Ordinal);
        Assert.True(
            JsonNode.DeepEquals(new JsonObject { ["model"] = "m", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }), ["max_tokens"] = 512, ["temperature"] = 0 }, request.Body),
            request.Body.ToJsonString());
    }

    [Fact]
    public async Task An_endpoint_without_a_key_gets_none()
    {
        await ScoreAsync(1, judge: new(null, _server.BaseUrl, "m"));

        Assert.Equal("", Assert.Single(_server.Requests).Authorization);
    }

    [Fact]
    public async Task Two_hundred_and_fifty_six_samples_with_failures_come_back_in_order_and_none_is_lost()
    {
        ConcurrentDictionary<string, int> tries = new();
        _server.Answer = request =>
        {
            string response = Response(request);
            int number = int.Parse(response[1..], System.Globalization.CultureInfo.InvariantCulture);

            // Every twentieth fails the first time, each in one of four ways.
            int attempt = tries.AddOrUpdate(response, 1, (_, before) => before + 1);
            if (number % 20 == 7 && attempt == 1)
            {
                if (number % 80 == 7)
                {
                    request.Http.Abort();
                }

                return Task.FromResult((number % 80) switch
                {
                    27 => JudgeServer.Error(429, "slow down", "1"),
                    47 => JudgeServer.Error(503, "busy"),
                    _ => Results.Content("<html>proxy</html>", "text/html"),
                });
            }

            return Task.FromResult(JudgeServer.Completion($$"""{"score": {{number}}e-3, "reasoning": "x"}"""));
        };

        var results = await ScoreAsync(256);

        Assert.Equal(Enumerable.Range(0, 256).Select(i => ($"s{i}", i / 1000.0)), results.Select(result => (result.Id, result.Score)));
        Assert.Equal(256 + 13, _server.Requests.Count);
        Assert.InRange(_server.MostUnderWay, 1, 32);
    }

    [Fact]
    public async Task No_more_calls_are_under_way_than_allowed()
    {
        SemaphoreSlim three = new(0);
        int waiting = 0;
        _server.Answer = async _ =>
        {
            if (Interlocked.Increment(ref waiting) == 3)
            {
                three.Release(100);
            }

            await three.WaitAsync(Token);
            return JudgeServer.Completion("""{"score": 1}""");
        };

        await ScoreAsync(12, new() { Concurrency = 3 });

        Assert.Equal(3, _server.MostUnderWay);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    [InlineData(408)]
    public async Task What_may_pass_is_tried_three_times_more_and_then_it_is_a_failure_of_infrastructure(int status)
    {
        _server.Answer = _ => Task.FromResult(JudgeServer.Error(status, $"nothing for {Key} now"));

        var error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1));

        Assert.Equal($"the judge m at {new Uri(_server.BaseUrl).Authority}: it answers {status}: nothing for *** now (tried 4 times)", error.Message);
        Assert.Equal([1, 2, 4], _time.Waits.Select(wait => wait.TotalSeconds));
        Assert.Equal(4, _server.Requests.Count);
    }

    [Fact]
    public async Task The_server_says_how_long_to_wait()
    {
        _server.Answer = request => Task.FromResult(request.Number < 2 ? JudgeServer.Error(429, "slow down", request.Number == 0 ? "17" : "0.5") : JudgeServer.Completion("""{"score": 1}"""));

        Assert.Equal(1, Assert.Single(await ScoreAsync(1)).Score);
        Assert.Equal([17, 0.5], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_server_that_wants_to_be_left_alone_for_an_hour_is_down()
    {
        _server.Answer = _ => Task.FromResult(JudgeServer.Error(429, "quota", "3600"));

        await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_a_failure_of_infrastructure()
    {
        string url = _server.BaseUrl;
        await _server.DisposeAsync();

        var error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1, judge: new(null, url, "m")));

        Assert.Contains("refused", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("(tried 4 times)", error.Message, StringComparison.Ordinal);
        _server = await JudgeServer.StartAsync();
    }

    [Fact]
    public async Task An_answer_that_does_not_come_in_time_is_tried_again()
    {
        _server.Answer = async request =>
        {
            await new TaskCompletionSource().Task.WaitAsync(request.Http.RequestAborted);
            return Results.Ok();
        };

        var error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1, clock: new PassingTime(expires: true)));

        Assert.Contains("no answer within 60 s (tried 4 times)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "rewardFunction.judgeModel.apiKeyEnv: m at {0} refuses the key in JUDGE_KEY with 401: bad key ***")]
    [InlineData(403, "rewardFunction.judgeModel.apiKeyEnv: m at {0} refuses the key in JUDGE_KEY with 403: bad key ***")]
    [InlineData(404, "rewardFunction.judgeModel: there is no model m at http://{0}/v1, which answers 404: bad key ***")]
    [InlineData(400, "rewardFunction.judgeModel: m at {0} refuses the call with 400: bad key ***")]
    public async Task A_mistake_in_the_job_file_is_told_at_once_with_its_field_and_without_the_key(int status, string message)
    {
        _server.Answer = _ => Task.FromResult(JudgeServer.Error(status, $"bad key {Key}"));

        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1));

        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, new Uri(_server.BaseUrl).Authority), error.Message);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_key_that_is_refused_later_pauses_instead()
    {
        _server.Answer = request => Task.FromResult(request.Number == 0 ? JudgeServer.Completion("""{"score": 1}""") : JudgeServer.Error(401, "expired"));
        await using IRewardFunction function = await StartAsync();
        await function.ScoreAsync(JudgeSamples.Many(1), Token);

        await Assert.ThrowsAsync<RewardInfrastructureException>(() => function.ScoreAsync([JudgeSamples.Of("x", "other")], Token));
    }

    [Fact]
    public async Task A_question_that_alone_is_refused_has_no_verdict()
    {
        _server.Answer = request => Task.FromResult(Response(request) == "r1" && request.Number > 0 ? JudgeServer.Error(400, "maximum context length") : JudgeServer.Completion("""{"score": 1}"""));
        await using IRewardFunction function = await StartAsync(new() { Concurrency = 1 });

        var results = await function.ScoreAsync(JudgeSamples.Many(3), Token);

        Assert.Equal([true, false, true], results.Select(result => result.IsJudged));
        Assert.Equal("the judge refuses the question with 400: maximum context length", results[1].Unjudged);
    }

    [Fact]
    public async Task An_unset_key_is_told_before_any_call()
    {
        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1, judge: new(null, _server.BaseUrl, "m", "NO_SUCH_KEY")));

        Assert.Equal("rewardFunction.judgeModel.apiKeyEnv: the environment variable NO_SUCH_KEY is not set.", error.Message);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_server_with_other_parameters_is_understood()
    {
        _server.Answer = request => Task.FromResult(
            request.Body.ContainsKey("max_tokens") ? JudgeServer.Error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
            : request.Body.ContainsKey("temperature") ? JudgeServer.Error(400, "Unsupported value: 'temperature' does not support 0.")
            : JudgeServer.Completion("""{"score": 1}"""));

        Assert.Equal(1, Assert.Single(await ScoreAsync(1)).Score);
        Assert.Equal(3, _server.Requests.Count);
        Assert.Equal(512, _server.Requests[2].Body["max_completion_tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task Probabilities_come_from_the_alternatives_of_the_first_token()
    {
        JsonNode logprobs = JsonNode.Parse($$"""{"content":[{"token":"Yes","logprob":-0.1,"top_logprobs":[{"token":"Yes","logprob":{{Math.Log(0.5)}}},{"token":" no","logprob":{{Math.Log(0.1)}}},{"token":"yes","logprob":{{Math.Log(0.1)}}},{"token":"Maybe","logprob":-2}]}]}""")!;
        _server.Answer = request => Task.FromResult(JudgeServer.Completion("Yes", "length", Response(request) == "r0" ? logprobs.DeepClone() : null));

        var results = await ScoreAsync(2, scoring: JudgeScoring.Probability);

        Assert.Equal(0.6 / 0.7, results[0].Score, 1e-12);
        Assert.False(results[1].IsJudged);
        Assert.Equal((1, true, 20), (_server.Requests[0].Body["max_tokens"]!.GetValue<int>(), _server.Requests[0].Body["logprobs"]!.GetValue<bool>(), _server.Requests[0].Body["top_logprobs"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Calls_are_spaced_over_the_minute()
    {
        await ScoreAsync(3, new() { Concurrency = 1, RequestsPerMinute = 30 });

        Assert.Equal([2, 2], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task The_budget_is_told_of_before_it_is_used_up_and_then_ends_the_calls()
    {
        await using IRewardFunction function = await StartAsync(new() { CallBudget = 10, Concurrency = 1 });

        await function.ScoreAsync(JudgeSamples.Many(7), Token);
        Assert.Empty(_warnings);
        await function.ScoreAsync([JudgeSamples.Of("a", "a"), JudgeSamples.Of("b", "b")], Token);
        Assert.Equal("judge-budget", Assert.Single(_warnings).Code);
        Assert.Contains("9 of the 10 calls", _warnings[0].Message, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => function.ScoreAsync([JudgeSamples.Of("c", "c"), JudgeSamples.Of("d", "d")], Token));

        Assert.Contains("budget of 10 calls is used up", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, _server.Requests.Count);
        Assert.Single(_warnings);
    }

    private static string Response(JudgeRequest request) => request.Texts[0].Split("Grade ")[1].Split('.')[0];

    private async Task<IReadOnlyList<RewardResult>> ScoreAsync(int count, JudgeLimits? limits = null, JudgeScoring? scoring = null, JudgeModel? judge = null, TimeProvider? clock = null)
    {
        await using IRewardFunction function = await StartAsync(limits, scoring, judge, clock);
        return await function.ScoreAsync(JudgeSamples.Many(count), Token);
    }

    private Task<IRewardFunction> StartAsync(JudgeLimits? limits = null, JudgeScoring? scoring = null, JudgeModel? judge = null, TimeProvider? clock = null) => RewardFunctions.CreateAsync(
        new() { Type = "modelAsJudge", JudgeModel = judge ?? new(null, _server.BaseUrl, "m", "JUDGE_KEY"), Instructions = "Grade {completion}.", Limits = limits, Scoring = scoring },
        ".",
        new()
        {
            Secret = name => name == "JUDGE_KEY" ? Key : null,
            Warn = (code, message) =>
            {
                _warnings.Add((code, message));
                return ValueTask.CompletedTask;
            },
        },
        new() { TimeProvider = clock ?? _time },
        Token);
}
