using RftConsole.Training;
using RftConsole.Training.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>An OpenAI-compatible endpoint that can judge; never its key.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it; unique.</param>
/// <param name="BaseUrl">Such as <c>https://judge.example/v1</c>.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="HasKey">Whether a key is stored for it.</param>
public sealed record JudgeEndpoint(string Id, string Name, string BaseUrl, string Model, bool HasKey)
{
    /// <summary>What a job says of it: the key is named, and not there.</summary>
    public JudgeModel ToJudgeModel() => new(null, BaseUrl, Model, HasKey ? SecretName(Id) : null);

    /// <summary>The name that its key is asked for by; a variable of this name in the environment stands above what is stored.</summary>
    public static string SecretName(string id) => "RFTCONSOLE_JUDGE_KEY_" + id.ToUpperInvariant();
}

/// <summary>What a test call found.</summary>
/// <param name="Works">Whether the endpoint can judge.</param>
/// <param name="Message">What it answered, or why it cannot.</param>
public sealed record EndpointTest(bool Works, string Message);

/// <summary>Endpoints for model-as-judge rewards. Keys are kept encrypted, are never shown again and never logged, and are sent to the address that they were entered for alone.</summary>
public interface IJudgeEndpoints
{
    /// <summary>By name.</summary>
    Task<IReadOnlyList<JudgeEndpoint>> ListAsync(CancellationToken cancellationToken = default);

    /// <param name="name">What people call it.</param>
    /// <param name="baseUrl">An http or https address.</param>
    /// <param name="model">The model's name there.</param>
    /// <param name="key">Null where it wants none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">A field cannot be used; the message begins with its label.</exception>
    Task<JudgeEndpoint> AddAsync(string name, string baseUrl, string model, string? key, CancellationToken cancellationToken = default);

    /// <param name="id">The endpoint.</param>
    /// <param name="key">Null removes it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">The key has characters that no key has, or the endpoint is gone.</exception>
    Task SetKeyAsync(string id, string? key, CancellationToken cancellationToken = default);

    /// <exception cref="UserInputException">It has been deleted already.</exception>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Lets it judge one response, as a job would.</summary>
    Task<EndpointTest> TestAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Secrets for a reward function: a variable of the environment, or the stored key of an endpoint whose address the function names.</summary>
    Func<string, string?> SecretsOf(RewardFunctionSpecification reward);

    /// <summary>Calls <paramref name="changed"/> when there is news; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
