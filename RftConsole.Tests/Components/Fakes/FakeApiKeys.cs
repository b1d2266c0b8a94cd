using RftConsole.Training;
using RftConsole.Web.Api.Keys;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Keys in memory; the secret of each is <c>rft-secret-N</c>.</summary>
public sealed class FakeApiKeys : IApiKeys
{
    public FakeNews News { get; } = new();

    public List<ApiKey> All { get; } = [];

    public string? Refuse { get; set; }

    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<ApiKey>>([.. All]);

    public Task<NewApiKey> CreateAsync(ApiKeyRequest request, CancellationToken cancellationToken = default)
    {
        if (Refuse is not null)
        {
            throw new UserInputException(Refuse);
        }

        ApiKey key = new($"k{All.Count + 1}", request.Name, "rft-secr", request.Scopes, request.RequestsPerMinute, DateTimeOffset.UnixEpoch, request.ExpiresAt, null, null);
        All.Insert(0, key);
        return Task.FromResult(new NewApiKey(key, $"rft-secret-{All.Count}"));
    }

    public Task RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        int index = All.FindIndex(key => key.Id == id);
        All[index] = All[index] with { RevokedAt = DateTimeOffset.UnixEpoch };
        return News.TellAsync();
    }

    public Task<ApiCaller?> FindCallerAsync(string secret, CancellationToken cancellationToken = default) => Task.FromResult<ApiCaller?>(null);

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
