using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// Turns token ids into text as they arrive. A token may end in the middle of a UTF-8 character; its bytes are held back
/// until the character is whole, so that the pieces joined are exactly what decoding all ids at once gives.
/// </summary>
/// <remarks>For one stream of tokens on one thread at a time.</remarks>
public sealed class IncrementalDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    internal IncrementalDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes the next token; returns the text that is complete now, which may be empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public string Append(int id) =>
        _skipSpecialTokens && _tokenizer.IsSpecial(id) ? "" : Convert(_tokenizer.BytesOf(id), flush: false);

    /// <summary>Ends the stream: what is still held back becomes U+FFFD. The decoder can then be used for a new stream.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush)];
        var written = _decoder.GetChars(bytes, characters, flush);
        return new string(characters, 0, written);
    }
}
