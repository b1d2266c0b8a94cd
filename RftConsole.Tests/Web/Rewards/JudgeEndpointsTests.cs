using System.Text;

using RftConsole.Tests.Rewards.Judge;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Web.Rewards;

/// <summary>Endpoints over the real database, called over real sockets.</summary>
public sealed class JudgeEndpointsTests : IDisposable
{
    private const string Key = "sk-very-secret-4711";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_test_call_sends_the_stored_key_and_says_what_was_judged()
    {
        await using JudgeServer server = await JudgeServer.StartAsync();
        server.Answer = _ => Task.FromResult(JudgeServer.Completion("""{"score": 1, "reasoning": "right"}"""));
        await using ConsoleHarness console = await StartAsync();
        JudgeEndpoint endpoint = await console.JudgeEndpoints.AddAsync("mine", server.BaseUrl + "/", "judge-model", $" {Key}\n");

        EndpointTest test = await console.JudgeEndpoints.TestAsync(endpoint.Id);

        Assert.True(test.Works, test.Message);
        Assert.StartsWith("It judged a right answer to 2 + 2 with 1 after", test.Message, StringComparison.Ordinal);
        JudgeRequest request = Assert.Single(server.Requests);
        Assert.Equal($"Bearer {Key}", request.Authorization);
        Assert.Equal("judge-model", request.Body["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_test_call_that_fails_says_why_and_not_the_key()
    {
        await using JudgeServer server = await JudgeServer.StartAsync();
        server.Answer = _ => Task.FromResult(JudgeServer.Error(401, "no such key"));
        await using ConsoleHarness console = await StartAsync();
        JudgeEndpoint endpoint = await console.JudgeEndpoints.AddAsync("mine", server.BaseUrl, "m", Key);

        EndpointTest test = await console.JudgeEndpoints.TestAsync(endpoint.Id);

        Assert.False(test.Works);
        Assert.Contains("401", test.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, test.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_lies_nowhere_in_the_data_folder_in_clear_and_outlives_a_restart()
    {
        JudgeEndpoint endpoint;
        await using (ConsoleHarness console = await StartAsync())
        {
            endpoint = await console.JudgeEndpoints.AddAsync("mine", "https://judge.example/v1", "m", Key);
        }

        byte[] secret = Encoding.UTF8.GetBytes(Key);
        Assert.All(Directory.EnumerateFiles(Path.Combine(_root.Path, "data"), "*", SearchOption.AllDirectories), file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(secret) < 0, file));
        await using ConsoleHarness again = await StartAsync();
        Assert.Equal(endpoint, Assert.Single(await again.JudgeEndpoints.ListAsync()));
        Assert.Equal(Key, again.JudgeEndpoints.SecretsOf(Judge(endpoint.ToJudgeModel()))(endpoint.ToJudgeModel().ApiKeyEnv!));
    }

    [Fact]
    public async Task A_function_with_another_address_asks_for_the_key_in_vain()
    {
        await using ConsoleHarness console = await StartAsync();
        JudgeModel honest = (await console.JudgeEndpoints.AddAsync("mine", "https://judge.example/v1", "m", Key)).ToJudgeModel();
        JudgeModel thief = honest with { BaseUrl = "https://thief.example/v1" };
        RewardFunctionSpecification weighted = new() { Type = RewardFunctionSpecification.Weighted, Parts = [new() { Weight = 1, RewardFunction = Judge(honest) }] };

        Assert.Null(console.JudgeEndpoints.SecretsOf(Judge(thief))(honest.ApiKeyEnv!));
        Assert.Null(console.JudgeEndpoints.SecretsOf(new() { Template = "math-reasoning" })(honest.ApiKeyEnv!));
        Assert.Equal(Key, console.JudgeEndpoints.SecretsOf(weighted)(honest.ApiKeyEnv!));
    }

    [Fact]
    public async Task A_removed_key_is_gone_and_a_variable_of_the_environment_stands_above_a_stored_one()
    {
        await using ConsoleHarness console = await StartAsync();
        JudgeEndpoint endpoint = await console.JudgeEndpoints.AddAsync("mine", "https://judge.example/v1", "m", Key);
        JudgeModel judge = endpoint.ToJudgeModel();
        JudgeEndpoints environment = console.Create<JudgeEndpoints>((Func<string, string?>)(name => name == judge.ApiKeyEnv ? "sk-environment" : null));
        Assert.Equal("sk-environment", environment.SecretsOf(Judge(judge))(judge.ApiKeyEnv!));

        await console.JudgeEndpoints.SetKeyAsync(endpoint.Id, null);

        Assert.Null(console.JudgeEndpoints.SecretsOf(Judge(judge))(judge.ApiKeyEnv!));
        Assert.Null(Assert.Single(await console.JudgeEndpoints.ListAsync()).ToJudgeModel().ApiKeyEnv);
    }

    [Theory]
    [InlineData("", "https://a.example/v1", "m", "k", "Name: give one.")]
    [InlineData("MINE", "https://a.example/v1", "m", "k", "there is an endpoint \"MINE\" already")]
    [InlineData("b", "a.example", "m", "k", "Base URL: \"a.example\" is no address")]
    [InlineData("b", "https://user:pass@a.example/v1", "m", "k", "is no address")]
    [InlineData("b", "https://a.example/v1", " ", "k", "Model: give one.")]
    [InlineData("b", "https://a.example/v1", "m", "k y", "Key: it has a character that no key has")]
    public async Task What_cannot_be_used_is_refused_with_its_field(string name, string url, string model, string key, string reason)
    {
        await using ConsoleHarness console = await StartAsync();
        await console.JudgeEndpoints.AddAsync("mine", "https://judge.example/v1", "m", null);

        Assert.Contains(reason, (await Assert.ThrowsAnyAsync<UserInputException>(() => console.JudgeEndpoints.AddAsync(name, url, model, key))).Message, StringComparison.Ordinal);
        Assert.Single(await console.JudgeEndpoints.ListAsync());
    }

    [Fact]
    public async Task A_deleted_endpoint_is_gone()
    {
        await using ConsoleHarness console = await StartAsync();
        JudgeEndpoint endpoint = await console.JudgeEndpoints.AddAsync("mine", "https://judge.example/v1", "m", Key);

        await console.JudgeEndpoints.DeleteAsync(endpoint.Id);

        Assert.Empty(await console.JudgeEndpoints.ListAsync());
        Assert.False((await console.JudgeEndpoints.TestAsync(endpoint.Id)).Works);
        await Assert.ThrowsAsync<UserInputException>(() => console.JudgeEndpoints.DeleteAsync(endpoint.Id));
        await Assert.ThrowsAsync<UserInputException>(() => console.JudgeEndpoints.SetKeyAsync(endpoint.Id, null));
    }

    private Task<ConsoleHarness> StartAsync() => ConsoleHarness.StartAsync(_root, new FakeJobEngine());

    private static RewardFunctionSpecification Judge(JudgeModel judge) => new() { Type = RewardFunctionSpecification.ModelAsJudge, JudgeModel = judge, Instructions = "Is it good?" };
}
