using System.Globalization;

using Microsoft.AspNetCore.Http;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards.Remote;

/// <summary>A remote function: how it is called, and what becomes of each way in which a call can end.</summary>
public sealed class LambdaRewardTests : IAsyncLifetime
{
    private readonly PassingTime _time = new();
    private LambdaServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await LambdaServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Batches_are_signed_graded_in_order_and_their_log_is_kept()
    {
        _server.Function = samples => LambdaAnswer.Scores(samples, response => double.Parse(response, CultureInfo.InvariantCulture));

        var results = await ScoreAsync(100);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => ($"s{i}", i / 100.0)), results.Select(result => (result.Id, result.Score)));
        Assert.Equal([4, 32, 32, 32], _server.BatchSizes.Order());
        Assert.Equal(["us-east-1"], _server.Regions);
        Assert.Equal("START\ngraded 4\nEND\n", results[99].Output);
        Assert.All(_server.Paths, path => Assert.Equal("/2015-03-31/functions/my-reward/invocations", path));
    }

    [Fact]
    public async Task An_ARN_names_the_region_and_is_one_segment_of_the_path()
    {
        await ScoreAsync(1, Specification with { FunctionName = "arn:aws:lambda:eu-west-1:123456789012:function:grade:3", Region = "us-west-2" });

        Assert.Equal(["eu-west-1"], _server.Regions);
        Assert.Equal("/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Agrade%3A3/invocations", Assert.Single(_server.Paths));
    }

    [Fact]
    public async Task An_endpoint_of_ones_own_needs_no_credentials()
    {
        Assert.Equal(1, Assert.Single(await ScoreAsync(1, variable: name => name == "AWS_PROFILE" ? "no-such-profile" : null)).Score);
    }

    [Fact]
    public async Task Credentials_can_be_named()
    {
        var named = Specification with { Credentials = new() { AccessKeyIdEnv = "ID", SecretAccessKeyEnv = "KEY" } };

        Assert.Equal(1, Assert.Single(await ScoreAsync(1, named, name => name switch { "ID" => LambdaServer.KeyId, "KEY" => LambdaServer.Secret, _ => null })).Score);
        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1, named, name => name == "ID" ? LambdaServer.KeyId : null));
        Assert.Equal("rewardFunction.credentials.secretAccessKeyEnv: the environment variable KEY is not set", error.Message);
    }

    [Fact]
    public async Task A_function_that_fails_on_one_sample_fails_for_this_one_alone()
    {
        _server.Function = samples => samples.Any(sample => sample!["id"]!.GetValue<string>() == "s1")
            ? new("""{"errorMessage":"division by zero","errorType":"ZeroDivisionError","stackTrace":["  File \"/var/task/reward.py\", line 7, in lambda_handler\n"]}""", "Unhandled", "Traceback")
            : LambdaAnswer.Scores(samples, _ => 1);

        var results = await ScoreAsync(3);

        Assert.Equal([1, -1, 1], results.Select(result => result.Score));
        Assert.Equal("ZeroDivisionError: division by zero (File \"/var/task/reward.py\", line 7, in lambda_handler)", results[1].Error);
        Assert.Equal("Traceback", results[1].Output);
        Assert.Equal([3, 1, 1, 1], _server.BatchSizes);
    }

    [Theory]
    [InlineData("""{"errorMessage":"2026-01-01 Task timed out after 3.00 seconds"}""", "Task timed out after 3.00 seconds")]
    [InlineData("""{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}""", "Function.ResponseSizeTooLarge: Response payload")]
    [InlineData("no json", "the function failed: no json")]
    public async Task What_the_function_does_wrong_is_the_samples_error(string body, string error)
    {
        _server.Function = _ => new(body, "Unhandled");

        Assert.Contains(error, Assert.Single(await ScoreAsync(1)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_that_is_no_list_or_too_long_is_the_samples_error()
    {
        _server.Function = _ => new("{\"statusCode\": 200}");
        Assert.Contains("must return a list", Assert.Single(await ScoreAsync(1)).Error, StringComparison.Ordinal);
        _server.Function = _ => new("[");
        Assert.Contains("no JSON", Assert.Single(await ScoreAsync(1)).Error, StringComparison.Ordinal);
        _server.Function = _ => new(new string(' ', 7 << 20));
        Assert.Contains("more than 6 MB", Assert.Single(await ScoreAsync(1)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "TooManyRequestsException")]
    [InlineData(500, "ServiceException")]
    [InlineData(502, "EC2ThrottledException")]
    [InlineData(503, "ServiceUnavailableException")]
    public async Task Throttling_and_faults_of_the_service_are_tried_again_and_then_infrastructure(int status, string type)
    {
        _server.Intercept = number => number < 2 ? LambdaServer.Error(status, type, "later") : null;
        Assert.Equal(1, Assert.Single(await ScoreAsync(1)).Score);
        Assert.Equal([1, 2], _time.Waits.Select(wait => wait.TotalSeconds));

        _server.Intercept = _ => LambdaServer.Error(status, type, "later");
        var error = await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1));
        Assert.Equal($"the function my-reward: it answers {status} {type}: later (tried 4 times)", error.Message);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_or_does_not_answer_is_infrastructure()
    {
        var slow = new TaskCompletionSource();
        _server.Intercept = _ => new Waits(slow.Task);
        var late = await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1, clock: new PassingTime(expires: true)));
        Assert.Contains("no answer within 60 s (tried 4 times)", late.Message, StringComparison.Ordinal);
        slow.SetResult();

        var gone = Specification;
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<RewardInfrastructureException>(() => ScoreAsync(1, gone));
        _server = await LambdaServer.StartAsync();
    }

    [Theory]
    [InlineData(404, "ResourceNotFoundException", "rewardFunction.functionName: there is no function my-reward at")]
    [InlineData(403, "AccessDeniedException", "rewardFunction.credentials: the call is refused with 403 AccessDeniedException: no")]
    [InlineData(400, "InvalidRequestContentException", "rewardFunction.functionName: the call of my-reward is refused with 400")]
    public async Task A_mistake_in_the_job_file_is_told_with_its_field_and_later_pauses_instead(int status, string type, string message)
    {
        _server.Intercept = _ => LambdaServer.Error(status, type, "no");
        Assert.StartsWith(message, (await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1))).Message, StringComparison.Ordinal);
        Assert.Single(_server.Paths);

        await using IRewardFunction function = await StartAsync();
        _server.Intercept = _ => null;
        await function.ScoreAsync(Samples(1), Token);
        _server.Intercept = _ => LambdaServer.Error(status, type, "no");
        await Assert.ThrowsAsync<RewardInfrastructureException>(() => function.ScoreAsync(Samples(1), Token));
    }

    [Fact]
    public async Task A_wrong_secret_is_told_and_never_shown()
    {
        _server.ExpectedSecret = "another";

        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1));

        Assert.StartsWith("rewardFunction.credentials: the call is refused with 403 InvalidSignatureException", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(LambdaServer.Secret, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_over_the_limit_goes_out_in_smaller_calls_and_comes_back_in_order()
    {
        RewardSample[] samples = [.. Enumerable.Range(0, 7).Select(i => new RewardSample($"s{i}", [new("user", new string('x', 2 << 20)), new("assistant", $"0.{i}")], null, []))];
        _server.Function = batch => LambdaAnswer.Scores(batch, response => double.Parse(response, CultureInfo.InvariantCulture));

        await using IRewardFunction function = await StartAsync();
        var results = await function.ScoreAsync(samples, Token);

        Assert.Equal([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], results.Select(result => result.Score));
        Assert.Equal(7, _server.BatchSizes.Sum());
        Assert.All(_server.BatchSizes, size => Assert.InRange(size, 1, 2));
    }

    [Fact]
    public async Task A_sample_that_alone_is_too_large_is_an_error_of_its_own()
    {
        RewardSample[] samples = [new("big", [new("user", new string('x', 7 << 20)), new("assistant", "1")], null, []), new("small", [new("assistant", "1")], null, [])];
        await using IRewardFunction function = await StartAsync();

        var results = await function.ScoreAsync(samples, Token);

        Assert.Contains("a call holds at most 6 MB", results[0].Error, StringComparison.Ordinal);
        Assert.Equal((1, null), (results[1].Score, results[1].Error));
    }

    [Fact]
    public async Task A_service_with_a_lower_limit_gets_smaller_calls_too()
    {
        _server.Intercept = number => number == 0 ? LambdaServer.Error(413, "RequestTooLargeException", "too large") : null;

        Assert.All(await ScoreAsync(4), result => Assert.Equal(1, result.Score));
        Assert.Equal([2, 2], _server.BatchSizes);
    }

    [Fact]
    public async Task Without_a_region_AWS_cannot_be_called()
    {
        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1, new() { Type = "lambda", FunctionName = "f", Profile = null }, name => name == "AWS_PROFILE" ? "no-such-profile" : null));

        Assert.StartsWith("rewardFunction.region: is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<UserInputException>(() => ScoreAsync(1, Specification with { Profile = "no-such-profile" }));

        Assert.StartsWith("rewardFunction.profile: there is no profile no-such-profile", error.Message, StringComparison.Ordinal);
    }

    private RewardFunctionSpecification Specification => new() { Type = "lambda", Endpoint = _server.Endpoint, FunctionName = "my-reward" };

    private static RewardSample[] Samples(int count) => [.. Enumerable.Range(0, count).Select(i => Grading.Sample($"s{i}", (i / 100.0).ToString(CultureInfo.InvariantCulture)))];

    private async Task<IReadOnlyList<RewardResult>> ScoreAsync(int count, RewardFunctionSpecification? specification = null, Func<string, string?>? variable = null, TimeProvider? clock = null)
    {
        await using IRewardFunction function = await StartAsync(specification, variable, clock);
        return await function.ScoreAsync(Samples(count), Token);
    }

    private Task<IRewardFunction> StartAsync(RewardFunctionSpecification? specification = null, Func<string, string?>? variable = null, TimeProvider? clock = null) => RewardFunctions.CreateAsync(
        specification ?? Specification,
        ".",
        new() { Secret = variable ?? (name => name switch { "AWS_ACCESS_KEY_ID" => LambdaServer.KeyId, "AWS_SECRET_ACCESS_KEY" => LambdaServer.Secret, _ => null }) },
        new() { TimeProvider = clock ?? _time, FailureScore = -1 },
        Token);

    private sealed class Waits(Task until) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => until.WaitAsync(http.RequestAborted);
    }
}
