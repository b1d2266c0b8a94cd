using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RftConsole.Training.Datasets;

/// <summary>A line cannot be used; the message is the reason that the report gives.</summary>
internal sealed class RejectedRecordException(string reason) : Exception(reason);

/// <summary>Parses one line into JSON of which every string, key and depth is known to be sound, so that nothing later can trip over it.</summary>
internal static class RecordJson
{
    /// <summary>Below System.Text.Json's own 64, because requests, samples and reports are wrapped around a record.</summary>
    private const int MaxDepth = 48;

    /// <exception cref="RejectedRecordException">The line is not one sound JSON object.</exception>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
        {
            throw new RejectedRecordException($"not valid UTF-8 at byte {FirstInvalidByte(line.Span) + 1}; save the file as UTF-8");
        }

        JsonElement element;
        try
        {
            element = JsonElement.Parse(line.Span, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new RejectedRecordException(IsDepth(line.Span) ? $"nested deeper than {MaxDepth} levels" : $"not valid JSON at byte {e.BytePositionInLine + 1}: {Explained(e.Message)}");
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new RejectedRecordException(element.ValueKind == JsonValueKind.Array
                ? "a JSON list; each line must be one JSON object (JSON Lines, not a JSON array)"
                : "not a JSON object; each line must be one");
        }

        CheckStrings(element, "");
        return element;
    }

    /// <summary>How an error names the kind of a value.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => value.GetString()!.Length == 0 ? "an empty string" : "a string",
        JsonValueKind.Null => "null",
        _ => value.GetRawText() is { Length: <= 30 } raw ? raw : "a number",
    };

    // The keys of most objects are few: comparing them pairwise costs less than a set for each object.
    private const int FewKeys = 12;

    private static void CheckStrings(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                RequireCharacters(value, path);
                break;
            case JsonValueKind.Number:
                RequireFinite(value, path);
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (IsContainerOrUnsound(item))
                    {
                        CheckStrings(item, $"{path}[{index}]");
                    }

                    index++;
                }

                break;
            case JsonValueKind.Object:
                CheckMembers(value, path);
                break;
        }
    }

    private static void CheckMembers(JsonElement value, string path)
    {
        var many = value.GetPropertyCount() > FewKeys ? new HashSet<string>(StringComparer.Ordinal) : null;
        var position = 0;
        foreach (var member in value.EnumerateObject())
        {
            var name = NameOf(member, path);
            if (many is null ? StandsBefore(value, name, position++) : !many.Add(name))
            {
                throw new RejectedRecordException($"the key \"{name}\" stands twice{(path.Length == 0 ? "" : $" in {path}")}");
            }

            if (IsContainerOrUnsound(member.Value))
            {
                CheckStrings(member.Value, path.Length == 0 ? name : $"{path}.{name}");
            }
        }
    }

    private static bool StandsBefore(JsonElement value, string name, int position)
    {
        foreach (var earlier in value.EnumerateObject())
        {
            if (position-- == 0)
            {
                return false;
            }

            if (earlier.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a value needs a look with its path, which is not put together for the many that do not.</summary>
    private static bool IsContainerOrUnsound(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => true,
        JsonValueKind.String => JsonMarshal.GetRawUtf8Value(value).Contains((byte)'\\'),
        JsonValueKind.Number => JsonMarshal.GetRawUtf8Value(value) is var digits && (digits.Length > 300 || digits.ContainsAny((byte)'e', (byte)'E')),
        _ => false,
    };

    private static void RequireCharacters(JsonElement value, string path)
    {
        try
        {
            value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(path);
        }
    }

    private static string NameOf(JsonProperty member, string path)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(path.Length == 0 ? "a key" : path);
        }
    }

    private static RejectedRecordException HalfPair(string place) =>
        new($"{place} holds half of a surrogate pair (\\ud800 to \\udfff), which is no character");

    /// <summary>Numbers keep every digit, 64-bit integers and longer ones too; but one beyond a double becomes infinity in the reward function.</summary>
    private static void RequireFinite(JsonElement value, string path)
    {
        if (!(value.TryGetDouble(out var number) && double.IsFinite(number)))
        {
            var raw = value.GetRawText();
            throw new RejectedRecordException($"{path} is {(raw.Length <= 30 ? raw : raw[..30] + "…")}, which is beyond the largest number (about 1.8e308)");
        }
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(bytes[position..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            position += length;
        }

        return position;
    }

    private static bool IsDepth(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth > MaxDepth)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    /// <summary>What the parser says, without its own position; in words of the format where the parser speaks of its options.</summary>
    private static string Explained(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var said = position < 0 ? message : message[..position];
        return said.StartsWith("Expected depth to be zero", StringComparison.Ordinal) || said.Contains("reached end of data", StringComparison.Ordinal)
            ? "the line ends within the object; each line must be one whole JSON object"
            : said.Contains("after a single JSON value", StringComparison.Ordinal) ? "something follows the object; each line must be one JSON object alone"
            : said.Contains("trailing comma", StringComparison.Ordinal) ? "a comma stands before a closing bracket"
            : said;
    }
}
