using System.Text;

using RftConsole.Training.Text;

namespace RftConsole.Training.Generation;

/// <summary>Turns the tokens of one answer into text, up to the first of its stop texts: what may yet become one is held back.</summary>
internal sealed class ChatText(Tokenizer tokenizer, IReadOnlyList<string> stop)
{
    private readonly IncrementalDecoder _decoder = tokenizer.CreateDecoder(skipSpecialTokens: true);
    private readonly StringBuilder _held = new();

    /// <summary>Tokens so far.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Null until the answer is complete.</summary>
    public string? FinishReason { get; private set; }

    public bool Ended => FinishReason is not null;

    /// <summary>Takes the next tokens; returns the text that is certain now.</summary>
    public string Append(TokenRun run)
    {
        foreach (int token in run.Tokens)
        {
            TokenCount++;
            _held.Append(_decoder.Append(token));
            if (Cut() is { } cut)
            {
                FinishReason = "stop";
                return cut;
            }
        }

        if (run.FinishReason is not null)
        {
            _held.Append(_decoder.Flush());
            string? end = Cut();
            FinishReason = end is null ? run.FinishReason : "stop";
            string rest = end ?? _held.ToString();
            _held.Clear();
            return rest;
        }

        int certain = _held.Length - Uncertain();
        string text = _held.ToString(0, certain);
        _held.Remove(0, certain);
        return text;
    }

    /// <summary>The text before the first stop text; null where there is none.</summary>
    private string? Cut()
    {
        if (stop.Count == 0)
        {
            return null;
        }

        string text = _held.ToString();
        int first = stop.Select(x => text.IndexOf(x, StringComparison.Ordinal)).Where(x => x >= 0).DefaultIfEmpty(-1).Min();
        return first < 0 ? null : text[..first];
    }

    /// <summary>Characters at the end that a stop text may begin with.</summary>
    private int Uncertain()
    {
        string text = stop.Count == 0 ? "" : _held.ToString();
        for (int length = Math.Min(text.Length, stop.Select(x => x.Length).DefaultIfEmpty(0).Max() - 1); length > 0; length--)
        {
            if (stop.Any(x => x.Length > length && x.AsSpan(0, length).SequenceEqual(text.AsSpan(text.Length - length))))
            {
                return length;
            }
        }

        return 0;
    }
}
