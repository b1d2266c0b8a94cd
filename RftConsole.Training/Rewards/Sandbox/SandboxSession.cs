using System.Text.Json;

using Polly;
using Polly.Retry;

using RftConsole.Training.Network;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>
/// One user function for the length of a job: keeps a warm worker, starts another when it breaks or when a call left
/// files behind, and tries failures of infrastructure again. Not safe for calls at the same time.
/// </summary>
internal sealed class SandboxSession : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _fileName;
    private readonly string _source;
    private readonly RewardOptions _options;
    private readonly string? _packages;
    private readonly OutboundPolicy _network;
    private readonly Func<IReadOnlyList<SandboxCommand>> _candidates;
    private readonly ResiliencePipeline _retries;
    private SandboxCommand? _command;
    private SandboxWorker? _worker;
    private IReadOnlyList<string>? _imports;

    public SandboxSession(string name, string fileName, string source, RewardOptions options, Func<IReadOnlyList<SandboxCommand>> candidates, string? packages = null, OutboundPolicy? network = null)
    {
        _network = network ?? OutboundPolicy.Unrestricted;
        _packages = packages;
        _candidates = candidates;
        _name = name;
        _fileName = fileName;
        _source = source;
        _options = options;
        ResiliencePipelineBuilder builder = new() { TimeProvider = options.TimeProvider };
        _retries = options.Retries == 0 ? ResiliencePipeline.Empty : builder.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RewardInfrastructureException>(),
            MaxRetryAttempts = options.Retries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = options.RetryDelay,
        }).Build();
    }

    /// <summary>The sandbox's process id on the host; null while none runs.</summary>
    public int? ProcessId => _worker?.ProcessId;

    /// <summary>Runs the file once without an event.</summary>
    /// <exception cref="UserInputException">The file cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">The sandbox cannot be used.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SandboxCommand> candidates = _candidates();
        WorkerReply reply = await _retries.ExecuteAsync(
            async token =>
            {
                await EnsureWorkerAsync(candidates, token);
                return await CallAsync("load", [], _options.BatchTimeout, token);
            },
            cancellationToken);
        using JsonDocument? frame = ChildFrame.Read(reply, _options, _options.BatchTimeout, out string? error);
        if (error is not null || frame is null || !frame.RootElement.TryGetProperty("loaded", out JsonElement loaded))
        {
            string reason = error ?? "it ended before its file was loaded";
            throw new RewardCodeException($"The reward function {_name} cannot be used: {reason}.", reason, ChildFrame.Number(frame, "line"), ChildFrame.Number(frame, "column"));
        }

        _imports = ChildFrame.Imports(loaded);
        await PrepareAsync(cancellationToken);
    }

    /// <summary>Calls the function once with <paramref name="payload"/> (JSON), which holds <paramref name="samples"/> samples.</summary>
    /// <exception cref="RewardInfrastructureException">The sandbox failed, also when tried again.</exception>
    public async Task<RewardReply> ScoreAsync(byte[] payload, int samples, TimeSpan limit, CancellationToken cancellationToken)
    {
        WorkerReply reply = await _retries.ExecuteAsync(
            async token =>
            {
                if (_worker is null)
                {
                    await EnsureWorkerAsync([_command!], token);
                    await PrepareAsync(token);
                }

                return await CallAsync("score", payload, limit, token);
            },
            cancellationToken);
        string[] outputs = SampleOutput.Split(reply.Output, samples, _options.OutputKept);
        using JsonDocument? frame = ChildFrame.Read(reply, _options, limit, out string? error);
        if (error is null && frame is not null && frame.RootElement.TryGetProperty("value", out JsonElement value))
        {
            return new(value.Clone(), null, outputs[0]) { Outputs = outputs };
        }

        return new(default, error ?? "the function returned nothing that can be read", outputs[0]) { Outputs = outputs };
    }

    public async ValueTask DisposeAsync() => await DropWorkerAsync();

    private async Task<WorkerReply> CallAsync(string operation, byte[] payload, TimeSpan limit, CancellationToken cancellationToken)
    {
        WorkerReply? reply = null;
        try
        {
            reply = await _worker!.CallAsync(new(operation, (long)limit.TotalMilliseconds, _imports ?? []), payload, cancellationToken);
            if (ChildFrame.Broken(reply) is { } reason)
            {
                throw new RewardInfrastructureException(SandboxDiagnosis.DoesNotStart(reason));
            }

            return reply;
        }
        finally
        {
            // After a call that failed on the way, the pipe may hold half a reply; after one that wrote files, the next would see them.
            if (reply is null or { Report.Dirty: true })
            {
                await DropWorkerAsync();
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_worker is not null)
        {
            await CallAsync("prepare", [], _options.BatchTimeout, cancellationToken);
        }
    }

    private async Task EnsureWorkerAsync(IReadOnlyList<SandboxCommand> candidates, CancellationToken cancellationToken)
    {
        RewardInfrastructureException? first = null;
        foreach (SandboxCommand command in candidates)
        {
            if (_worker is not null)
            {
                return;
            }

            try
            {
                _worker = await SandboxWorker.StartAsync(command, Settings(command), _network, cancellationToken);
                _command = command;
            }
            catch (RewardInfrastructureException error)
            {
                first ??= error;
            }
        }

        if (_worker is null)
        {
            throw first!;
        }
    }

    private WorkerSettings Settings(SandboxCommand command) => new(
        _name,
        _fileName,
        _source,
        _options.MemoryLimit,
        _options.FileLimit,
        _options.ProcessLimit,
        _options.OutputLimit,
        command.EnforcesProcessLimit,
        _packages,
        _network.Mode == NetworkMode.Hosts ? SandboxCommand.ProxyPort : null,
        SandboxProtocol.Modules);

    private async Task DropWorkerAsync()
    {
        if (_worker is { } worker)
        {
            _worker = null;
            await worker.DisposeAsync();
        }
    }
}
