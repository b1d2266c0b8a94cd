using System.Text;
using System.Text.Json;
using System.Text.Unicode;

using RftConsole.Training.Generation;

namespace RftConsole.Web.Components.Playground;

/// <summary>A part of an answer with the tokens that wrote it: one, or the few that share a character.</summary>
/// <param name="Text">The text.</param>
/// <param name="Tokens">Its tokens; none where they are not known.</param>
public sealed record TokenSpan(string Text, IReadOnlyList<ScoredToken> Tokens)
{
    /// <summary>
    /// What a page tells of the tokens under the pointer: of each its text, its log-probability, and the likeliest with theirs, as JSON. Written once, because a page that
    /// streams draws all spans again and again.
    /// </summary>
    public string? Details { get; } = Tokens.Count == 0 ? null : JsonSerializer.Serialize(Tokens.Select(token => new object[] { token.Text, token.LogProbability, token.Likeliest.Select(other => new object[] { other.Text, other.LogProbability }) }));

    /// <summary>How little the model expected this: 0 is certain, 1 a surprise.</summary>
    public double Doubt { get; } = Tokens.Count == 0 ? 0 : 1 - Math.Exp(Tokens.Sum(token => (double)token.LogProbability));
}

/// <summary>
/// Lays the tokens of a streamed answer over its text. The text counts: spans and tail together are always what the model said, and where tokens do not spell it, they
/// are told together.
/// </summary>
public sealed class TokenSpans
{
    /// <summary>A page of more spans would be slow; what follows is text alone.</summary>
    private const int MostSpans = 4096;

    /// <summary>No character takes so many tokens: those that wait do not spell the text.</summary>
    private const int MostWaiting = 16;

    private readonly List<TokenSpan> _spans = [];
    private readonly List<ScoredToken> _waiting = [];
    private string _tail = "";

    /// <summary>What has its tokens.</summary>
    public IReadOnlyList<TokenSpan> Spans => _spans;

    /// <summary>What came after that, and waits for its tokens or has none.</summary>
    public string Tail => _tail;

    /// <summary>The token that ended the answer; null while it goes on, and where a limit ended it.</summary>
    public ScoredToken? End { get; private set; }

    /// <summary>Takes the next piece.</summary>
    public void Add(ChatPiece piece)
    {
        _waiting.AddRange(piece.Tokens.Where(token => !token.IsSpecial));
        End = piece.Tokens.LastOrDefault(token => token.IsSpecial) ?? End;
        _tail += piece.Text;
        if (_spans.Count >= MostSpans)
        {
            _waiting.Clear();
            return;
        }

        while (_tail.Length > 0 && _waiting.Count > 0 && Next() is { } next)
        {
            _spans.Add(next);
            _tail = _tail[next.Text.Length..];
            _waiting.RemoveRange(0, next.Tokens.Count);
        }

        if (_tail.Length > 0 && (_waiting.Count > MostWaiting || piece.FinishReason is not null))
        {
            _spans.Add(new(_tail, [.. _waiting]));
            _tail = "";
            _waiting.Clear();
        }
    }

    /// <summary>The fewest tokens that spell the beginning of the tail; null where more must come.</summary>
    private TokenSpan? Next()
    {
        List<byte> bytes = [];
        for (int count = 1; count <= _waiting.Count; count++)
        {
            bytes.AddRange(_waiting[count - 1].Bytes);
            byte[] whole = [.. bytes];
            if (whole.Length > 0 && Utf8.IsValid(whole) && Encoding.UTF8.GetString(whole) is var text && _tail.StartsWith(text, StringComparison.Ordinal))
            {
                return new(text, [.. _waiting.Take(count)]);
            }
        }

        return null;
    }
}
