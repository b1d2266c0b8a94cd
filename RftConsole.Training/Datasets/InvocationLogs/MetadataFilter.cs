using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>
/// Which calls are taken, by their request metadata, in the original's shape: exactly one member is set. AND and OR are not mixed:
/// <c>andAll</c> and <c>orAll</c> are lists of <c>equals</c> and <c>notEquals</c> alone.
/// </summary>
public sealed record MetadataFilter
{
    /// <summary>Every key has its value.</summary>
    [JsonPropertyName("equals")]
    public IReadOnlyDictionary<string, string>? EqualTo { get; init; }

    /// <summary>No key has its value; a call without the key is taken.</summary>
    [JsonPropertyName("notEquals")]
    public IReadOnlyDictionary<string, string>? NotEqualTo { get; init; }

    /// <summary>All of these hold.</summary>
    public IReadOnlyList<MetadataFilter>? AndAll { get; init; }

    /// <summary>At least one of these holds.</summary>
    public IReadOnlyList<MetadataFilter>? OrAll { get; init; }

    /// <summary>Reads a filter file.</summary>
    /// <exception cref="UserInputException">It is missing or is no filter; the message names the key.</exception>
    public static MetadataFilter Load(string path)
    {
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataFile.Unreadable(path, e);
        }

        return Parse(json, path);
    }

    /// <param name="json">The filter.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="UserInputException">It is no filter; the message names the key.</exception>
    public static MetadataFilter Parse(string json, string name)
    {
        try
        {
            // A file may hold what job.json calls requestMetadataFilters, with or without that name around it.
            var node = JsonNode.Parse(json);
            node = node is JsonObject { Count: 1 } wrapped && wrapped["requestMetadataFilters"] is { } inner ? inner : node;
            var filter = node.Deserialize<MetadataFilter>(s_options) ?? throw new UserInputException($"{name}: is null; it must be an object with equals, notEquals, andAll or orAll");
            filter.Check(name);
            return filter;
        }
        catch (JsonException e)
        {
            var place = e.Path is null or "$" ? "" : $", {e.Path.TrimStart('$', '.')}";
            throw new UserInputException(
                $"{name}{place}: {(e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "unknown key; a filter has equals, notEquals, andAll or orAll" : e.Message.Contains("could not be converted", StringComparison.Ordinal) ? "a value of the wrong type; keys and values are text" : $"not JSON: {e.Message}")}", e);
        }
    }

    /// <summary>Whether a call is taken.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> metadata) =>
        (EqualTo is null || EqualTo.All(pair => metadata.TryGetValue(pair.Key, out var value) && value == pair.Value))
        && (NotEqualTo is null || NotEqualTo.All(pair => !metadata.TryGetValue(pair.Key, out var value) || value != pair.Value))
        && (AndAll is null || AndAll.All(filter => filter.Matches(metadata)))
        && (OrAll is null || OrAll.Any(filter => filter.Matches(metadata)));

    /// <summary>Sees that a filter is one.</summary>
    /// <exception cref="UserInputException">More or less than one member is set, a list is empty, or AND and OR are mixed.</exception>
    public void Check(string name)
    {
        var given = new (string Name, object? Value)[] { ("equals", EqualTo), ("notEquals", NotEqualTo), ("andAll", AndAll), ("orAll", OrAll) }
            .Where(member => member.Value is not null).Select(member => member.Name).ToArray();
        if (AndAll is not null && OrAll is not null)
        {
            throw new UserInputException($"{name}: andAll and orAll are not mixed; give one of them");
        }

        if (given.Length != 1)
        {
            throw new UserInputException($"{name}: exactly one of equals, notEquals, andAll and orAll must be given, not {(given.Length == 0 ? "none" : string.Join(" and ", given))}; several go into andAll or orAll");
        }

        if (EqualTo is { Count: 0 } || NotEqualTo is { Count: 0 } || AndAll is { Count: 0 } || OrAll is { Count: 0 })
        {
            throw new UserInputException($"{name}, {given[0]}: is empty");
        }

        foreach (var (index, inner) in (AndAll ?? OrAll ?? []).Index())
        {
            if (inner.AndAll is not null || inner.OrAll is not null)
            {
                throw new UserInputException($"{name}, {given[0]}[{index}]: andAll and orAll are not mixed or nested; a list holds equals and notEquals");
            }

            if (inner.EqualTo is null && inner.NotEqualTo is null)
            {
                throw new UserInputException($"{name}, {given[0]}[{index}]: equals or notEquals must be given");
            }
        }
    }

    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };
}
