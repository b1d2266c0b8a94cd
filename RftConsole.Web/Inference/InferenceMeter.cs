using System.Diagnostics.Metrics;

using RftConsole.Web.Operations;

namespace RftConsole.Web.Inference;

/// <summary>Measurements of answers, beside those of jobs in <see cref="ConsoleMeter"/>. Who asked what is in the usage of keys and deployments: a monitor needs no names.</summary>
internal sealed class InferenceMeter : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<int> _active;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _firstTokenSeconds;
    private readonly Histogram<double> _seconds;

    public InferenceMeter(IMeterFactory meters)
    {
        _meter = meters.Create(ConsoleMeter.Name);
        _active = _meter.CreateUpDownCounter<int>("rftconsole.inference.active", description: "Requests that are answered or wait.");
        _requests = _meter.CreateCounter<long>("rftconsole.inference.requests", description: "Requests by outcome: completed, failed, left (the caller went away), refused (too many waited).");
        _tokens = _meter.CreateCounter<long>("rftconsole.inference.tokens", description: "Tokens by kind: prompt, completion.");
        _firstTokenSeconds = _meter.CreateHistogram<double>("rftconsole.inference.first_token.duration", "s", "Time until an answer's first piece.", tags: null, ConsoleMeter.Seconds);
        _seconds = _meter.CreateHistogram<double>("rftconsole.inference.duration", "s", "Time of whole answers.", tags: null, ConsoleMeter.Seconds);
    }

    /// <summary>A request is turned away.</summary>
    public void Refused() => Count("refused");

    /// <summary>A request is taken.</summary>
    public void Began() => _active.Add(1);

    /// <summary>Its first piece has come.</summary>
    public void Answers(TimeSpan after) => _firstTokenSeconds.Record(after.TotalSeconds);

    /// <summary>It is over.</summary>
    /// <param name="outcome">As in the counter's description.</param>
    /// <param name="after">Since it was taken.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="completionTokens">Tokens of the answers.</param>
    public void Ended(string outcome, TimeSpan after, int promptTokens, int completionTokens)
    {
        _active.Add(-1);
        Count(outcome);
        _tokens.Add(promptTokens, new KeyValuePair<string, object?>("kind", "prompt"));
        _tokens.Add(completionTokens, new KeyValuePair<string, object?>("kind", "completion"));
        _seconds.Record(after.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
