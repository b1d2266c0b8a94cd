using System.Globalization;
using System.Text.Json;

namespace RftConsole.Web.Api;

/// <summary>A value of a request with its place, so that what is wrong can be named. Keys that nobody asks for are tolerated.</summary>
/// <param name="Value">The value.</param>
/// <param name="Path">Such as <c>messages[0].content</c>; empty for the body itself.</param>
internal readonly record struct JsonPart(JsonElement Value, string Path)
{
    /// <summary>A member; null where it is absent or null.</summary>
    public JsonPart? Find(string name) =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out JsonElement member) && member.ValueKind != JsonValueKind.Null ? new(member, PathOf(name)) : null;

    /// <summary>A member that must be there.</summary>
    public JsonPart Get(string name) => Find(name) ?? throw ApiException.Invalid(PathOf(name), $"'{PathOf(name)}' is missing.", "missing_required_parameter");

    /// <summary>The place of a member.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public string Text()
    {
        if (Value.ValueKind != JsonValueKind.String)
        {
            throw WrongType("a string");
        }

        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a character.
            throw ApiException.Invalid(Path, $"'{Path}' has an escape that is no character.");
        }
    }

    /// <summary>A text of at most so many characters, and not empty.</summary>
    public string Text(int longest)
    {
        string text = Text();
        return text.Length > 0 && text.Length <= longest ? text : throw ApiException.Invalid(Path, $"'{Path}' must have 1 to {longest} characters, not {text.Length}.");
    }

    public double Number(double low = double.MinValue, double high = double.MaxValue)
    {
        double number = Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out double found) && double.IsFinite(found) ? found : throw WrongType("a number");
        return number >= low && number <= high
            ? number
            : throw ApiException.Invalid(Path, string.Create(CultureInfo.InvariantCulture, $"'{Path}' is {number}; it must lie between {low} and {high}."), "invalid_value");
    }

    public long Integer(long low = long.MinValue, long high = long.MaxValue)
    {
        long number = Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out long found) ? found
            : Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out double real) && real == Math.Floor(real) && Math.Abs(real) < 1e15 ? (long)real
            : throw WrongType("an integer");
        return number >= low && number <= high
            ? number
            : throw ApiException.Invalid(Path, $"'{Path}' is {number}; it must lie between {low} and {high}.", "invalid_value");
    }

    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw WrongType("a boolean");

    public JsonPart Object() => Value.ValueKind == JsonValueKind.Object ? this : throw WrongType("an object");

    /// <summary>The entries of a list.</summary>
    public IReadOnlyList<JsonPart> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw WrongType("an array");
        }

        string path = Path;
        return [.. Value.EnumerateArray().Select((item, index) => new JsonPart(item, $"{path}[{index}]"))];
    }

    /// <summary>The members of an object.</summary>
    public IReadOnlyList<(string Name, JsonPart Part)> Members()
    {
        Object();
        List<(string, JsonPart)> members = [];
        foreach (JsonProperty member in Value.EnumerateObject())
        {
            members.Add((member.Name, new(member.Value, PathOf(member.Name))));
        }

        return members;
    }

    public ApiException WrongType(string expected) => ApiException.Invalid(Path, $"'{Path}' must be {expected}, not {Describe()}.", "invalid_type");

    private string Describe() => Value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
