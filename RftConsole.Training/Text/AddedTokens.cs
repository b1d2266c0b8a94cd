using System.Buffers;
using System.Text;

namespace RftConsole.Training.Text;

/// <summary>A token that is found in the text as it stands, before pre-tokenizer and merges see it.</summary>
/// <param name="Id">Its token id.</param>
/// <param name="Content">The text that is looked for.</param>
/// <param name="SingleWord">Only matched where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it along.</param>
/// <param name="RightStrip">Takes the white space after it along.</param>
/// <param name="Normalized">Looked for in the normalised text instead of the original.</param>
/// <param name="Special">Left out by decoding that skips special tokens.</param>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

/// <summary>Finds added tokens in a text: at the leftmost place, the longest one.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, AddedToken[]> _byFirstCharacter;
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirstCharacter = tokens
            .Where(token => token.Content.Length > 0)
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firstCharacters = SearchValues.Create([.. _byFirstCharacter.Keys]);
    }

    /// <summary>Cuts a text into added tokens and the plain stretches between them, in order, without empty stretches.</summary>
    public IEnumerable<TextPiece> Split(string text)
    {
        var plainStart = 0;
        var position = 0;
        while (NextMatch(text, ref position) is { } token)
        {
            var start = position;
            var end = position + token.Content.Length;
            position = end;
            if (token.SingleWord && (TouchesWordBefore(text, start) || TouchesWordAfter(text, end)))
            {
                continue;
            }

            while (token.LeftStrip && start > plainStart && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            if (start > plainStart)
            {
                yield return new TextPiece(text[plainStart..start], null);
            }

            yield return new TextPiece(text[start..end], token);
            plainStart = position = end;
        }

        if (plainStart < text.Length)
        {
            yield return new TextPiece(plainStart == 0 ? text : text[plainStart..], null);
        }
    }

    private AddedToken? NextMatch(string text, ref int position)
    {
        while (true)
        {
            var skipped = text.AsSpan(position).IndexOfAny(_firstCharacters);
            if (skipped < 0)
            {
                return null;
            }

            position += skipped;
            foreach (var token in _byFirstCharacter[text[position]])
            {
                if (text.AsSpan(position).StartsWith(token.Content, StringComparison.Ordinal))
                {
                    return token;
                }
            }

            position++;
        }
    }

    private static bool TouchesWordBefore(string text, int start) =>
        start > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var rune, out _) == OperationStatus.Done && IsWordRune(rune);

    private static bool TouchesWordAfter(string text, int end) =>
        end < text.Length && Rune.DecodeFromUtf16(text.AsSpan(end), out var rune, out _) == OperationStatus.Done && IsWordRune(rune);

    private static bool IsWordRune(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_';
}

/// <summary>A stretch of text, and the added token it is, if it is one.</summary>
internal readonly record struct TextPiece(string Text, AddedToken? Token);
