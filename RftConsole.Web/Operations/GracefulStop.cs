using System.Runtime.InteropServices;

namespace RftConsole.Web.Operations;

/// <summary>
/// The end of the console, after Ctrl+C or SIGTERM: no new work from then on; the running job makes its last step safe and rests, and answers that are under way get a moment to
/// come to their end. A second signal ends both at once.
/// </summary>
internal sealed partial class GracefulStop : IDisposable
{
    /// <summary>How long answers go on.</summary>
    public static readonly TimeSpan AnswersTime = TimeSpan.FromSeconds(10);

    /// <summary>How long a job may take for a step whose update has begun, or for a validation.</summary>
    public static readonly TimeSpan JobsTime = TimeSpan.FromSeconds(45);

    /// <summary>How long the host waits for everything.</summary>
    public static readonly TimeSpan HostTime = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _answersEnd = new();
    private readonly CancellationTokenSource _jobsEnd = new();
    private readonly List<IDisposable> _held = [];
    private readonly TimeProvider _time;
    private readonly ILogger<GracefulStop> _log;

    public GracefulStop(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<GracefulStop> log)
    {
        (_time, _log, Halting) = (time, log, lifetime.ApplicationStopping);
        _held.Add(Halting.Register(Begin));
    }

    /// <summary>The console was asked to end.</summary>
    public CancellationToken Halting { get; }

    /// <summary>Answers end, complete or not.</summary>
    public CancellationToken AnswersEnd => _answersEnd.Token;

    /// <summary>Jobs end, whatever they are at.</summary>
    public CancellationToken JobsEnd => _jobsEnd.Token;

    public void Dispose()
    {
        _held.ForEach(held => held.Dispose());
        _answersEnd.Dispose();
        _jobsEnd.Dispose();
    }

    private void Begin()
    {
        LogBegins((int)AnswersTime.TotalSeconds);
        _held.Add(_time.CreateTimer(_ => _answersEnd.Cancel(), null, AnswersTime, Timeout.InfiniteTimeSpan));
        _held.Add(_time.CreateTimer(_ => _jobsEnd.Cancel(), null, JobsTime, Timeout.InfiniteTimeSpan));
        _held.AddRange(((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM]).Select(signal => PosixSignalRegistration.Create(signal, EndAtOnce)));
    }

    private void EndAtOnce(PosixSignalContext signal)
    {
        // The runtime would end the process before anything is put away.
        signal.Cancel = true;
        LogEndsAtOnce();
        _answersEnd.Cancel();
        _jobsEnd.Cancel();
    }

    [LoggerMessage(LogLevel.Information, "Stopping: a running job makes its last step safe, answers have {Seconds} s to end. A second signal ends both at once")]
    private partial void LogBegins(int seconds);

    [LoggerMessage(LogLevel.Warning, "Stopping at once: a running job goes on from its last checkpoint at the next start")]
    private partial void LogEndsAtOnce();
}
