using System.Security.Cryptography;
using System.Text;

using RftConsole.Training.Network;
using RftConsole.Training.Rewards.Packages;
using RftConsole.Training.Rewards.Sandbox;

namespace RftConsole.Training.Rewards;

/// <summary>
/// A Python file with <c>lambda_handler(event, context)</c>, run in a bubblewrap sandbox: no network (or, where a job names hosts, these alone through a filtering proxy), no files of the host, no
/// environment, limits on time, memory, files, processes and output. One warm worker a job; each call runs in a process
/// forked from it and starts from the same state, so nothing that one call does reaches the next.
/// </summary>
public sealed class PythonRewardFunction : IRewardFunction
{
    private readonly SandboxSession _session;
    private readonly RewardOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private PythonRewardFunction(string name, string contentHash, RewardPackages? packages, SandboxSession session, RewardOptions options)
    {
        Packages = packages?.Installed ?? [];
        Name = name;
        ContentHash = contentHash;
        _session = session;
        _options = options;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string ContentHash { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Packages { get; }

    /// <summary>The sandbox's process id on the host; null while none runs.</summary>
    internal int? SandboxProcessId => _session.ProcessId;

    /// <summary>Starts the sandbox and loads the function once: what is wrong with the file shows here, before anything is trained.</summary>
    /// <param name="name">The template's or the file's name.</param>
    /// <param name="source">The Python source.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="packages">What it can import beside the standard library.</param>
    /// <param name="network">With mode hosts, what it reaches; in every other mode it reaches nothing.</param>
    /// <exception cref="UserInputException">The file cannot be used: syntax, a missing import, no handler. The message names the line.</exception>
    /// <exception cref="RewardInfrastructureException">The sandbox cannot be started; the message says which command repairs it.</exception>
    public static async Task<PythonRewardFunction> StartAsync(string name, string source, RewardOptions options, CancellationToken cancellationToken, RewardPackages? packages = null, OutboundPolicy? network = null)
    {
        options.Validate();
        string file = name.EndsWith(".py", StringComparison.Ordinal) ? Path.GetFileName(name) : name + ".py";
        SandboxSession session = new(name, file, source, options, SandboxTools.Candidates, packages?.Folder, network);
        try
        {
            await session.LoadAsync(cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        return new(name, Hash(source, packages), packages, session, options);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RewardResult>> ScoreAsync(IReadOnlyList<RewardSample> samples, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await BatchScoring.ScoreAsync(
                samples,
                _options,
                (batch, token) => _session.ScoreAsync(RewardEvent.Serialize(batch), batch.Count, batch.Count == 1 ? _options.SampleTimeout : _options.BatchTimeout, token),
                cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Kills the sandbox.</summary>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _turn.Dispose();
    }

    private static string Hash(string source, RewardPackages? packages)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(source));
        // The worker decides what the function sees and what of its answer counts.
        foreach (string[] module in SandboxProtocol.Modules)
        {
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(module[1])));
        }

        hash.AppendData(Encoding.UTF8.GetBytes(packages?.Hash ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
