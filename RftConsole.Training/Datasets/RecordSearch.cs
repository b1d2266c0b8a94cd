using System.Text;
using System.Text.Json;

namespace RftConsole.Training.Datasets;

/// <summary>Looks for a text in the keys and values of lines of JSON, as a person reads them: escapes are resolved, letters count in either case.</summary>
/// <param name="text">What is looked for.</param>
internal sealed class RecordSearch(string text)
{
    private char[] _characters = new char[4096];

    /// <param name="line">One line in UTF-8; one that is no JSON is searched as it stands.</param>
    public bool Matches(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 512 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType switch
                {
                    JsonTokenType.String or JsonTokenType.PropertyName => Holds(ref reader),
                    JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Holds(Decode(reader.ValueSpan)),
                    _ => false,
                })
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception unsound) when (unsound is JsonException or InvalidOperationException)
        {
            return Holds(Decode(line));
        }
    }

    private bool Holds(ref Utf8JsonReader reader)
    {
        Require(reader.ValueSpan.Length);
        return Holds(_characters.AsSpan(0, reader.CopyString(_characters)));
    }

    private bool Holds(ReadOnlySpan<char> value) => value.Contains(text, StringComparison.OrdinalIgnoreCase);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length);
        return _characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, _characters));
    }

    private void Require(int characters)
    {
        if (_characters.Length < characters)
        {
            _characters = new char[characters * 2];
        }
    }
}
