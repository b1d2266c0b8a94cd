using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Endpoints in memory.</summary>
public sealed class FakeJudgeEndpoints : IJudgeEndpoints
{
    private readonly List<JudgeEndpoint> _endpoints = [];

    public FakeNews News { get; } = new();

    public Dictionary<string, string?> Keys { get; } = [];

    public Dictionary<string, string> Secrets { get; } = [];

    public EndpointTest Outcome { get; set; } = new(true, "It judged a right answer to 2 + 2 with 1 after 0.1 s.");

    public FieldInputException? Refuse { get; set; }

    public Task<IReadOnlyList<JudgeEndpoint>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<JudgeEndpoint>>([.. _endpoints]);

    public Task<JudgeEndpoint> AddAsync(string name, string baseUrl, string model, string? key, CancellationToken cancellationToken = default)
    {
        if (Refuse is not null)
        {
            throw Refuse;
        }

        JudgeEndpoint endpoint = new($"e{_endpoints.Count + 1}", name, baseUrl, model, !string.IsNullOrEmpty(key));
        _endpoints.Add(endpoint);
        Keys[endpoint.Id] = key;
        return Task.FromResult(endpoint);
    }

    public Task SetKeyAsync(string id, string? key, CancellationToken cancellationToken = default)
    {
        Keys[id] = key;
        int index = _endpoints.FindIndex(endpoint => endpoint.Id == id);
        _endpoints[index] = _endpoints[index] with { HasKey = !string.IsNullOrEmpty(key) };
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        _endpoints.RemoveAll(endpoint => endpoint.Id == id);
        return Task.CompletedTask;
    }

    public Task<EndpointTest> TestAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(Outcome);

    public Func<string, string?> SecretsOf(RewardFunctionSpecification reward) => name => Secrets.GetValueOrDefault(name);

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
