using System.Text.Json;

namespace RftConsole.Training.Text;

/// <summary>A value in a JSON file that a user brought, with the path to it, so that every error can say which element of which file is wrong.</summary>
internal readonly record struct JsonPlace(JsonElement Value, string File, string Path)
{
    public bool IsNull => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>A member; a missing one reads as null.</summary>
    public JsonPlace this[string key]
    {
        get
        {
            Expect(JsonValueKind.Object, "an object");
            return new JsonPlace(Value.TryGetProperty(key, out var member) ? member : default, File, Path.Length == 0 ? key : $"{Path}.{key}");
        }
    }

    public IEnumerable<JsonPlace> Items()
    {
        Expect(JsonValueKind.Array, "a list");
        var (value, file, path) = this;
        return value.EnumerateArray().Select((item, index) => new JsonPlace(item, file, $"{path}[{index}]"));
    }

    public IEnumerable<(string Key, JsonPlace Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        var (value, file, path) = this;
        return value.EnumerateObject().Select(member => (member.Name, new JsonPlace(member.Value, file, $"{path}.{member.Name}")));
    }

    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Error("holds half of a surrogate pair, which is no character");
        }
    }

    public string? TextOrNull() => IsNull ? null : Text();

    public int WholeNumber() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) ? number : throw Error($"must be a whole number, not {Shown()}");

    /// <summary>A switch; a missing one takes <paramref name="whenMissing"/>.</summary>
    public bool Switch(bool whenMissing) => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => whenMissing,
        _ => throw Error($"must be true or false, not {Shown()}"),
    };

    public UserInputException Error(string fault) => new($"{File}: {(Path.Length == 0 ? "the content" : Path)} {fault}.");

    private void Expect(JsonValueKind kind, string described)
    {
        if (Value.ValueKind != kind)
        {
            throw Error(IsNull ? $"is missing; it must be {described}" : $"must be {described}, not {Shown()}");
        }
    }

    private string Shown()
    {
        var raw = IsNull ? "null" : Value.GetRawText();
        return raw.Length <= 40 ? raw : raw[..40] + "…";
    }
}
