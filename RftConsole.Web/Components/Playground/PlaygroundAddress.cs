using System.Globalization;

using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>What the page's address says: who answers what, and how.</summary>
public sealed record PlaygroundAddress
{
    /// <summary>The columns' names in the address.</summary>
    private static readonly string[] s_columns = ["base", "tuned", "third", "fourth"];

    /// <summary>Longer texts do not fit the addresses that servers take.</summary>
    private const int LongestText = 3000;

    /// <summary>Most columns.</summary>
    public const int MostColumns = 4;

    /// <summary>Fewest columns.</summary>
    public const int FewestColumns = 2;

    /// <summary>How a page without settings in its address samples.</summary>
    public static PlaygroundSettings DefaultSettings { get; } = new(0, 128, 1, 42);

    /// <summary>Targets of the columns, at least two; null where the page chooses.</summary>
    public IReadOnlyList<string?> Targets { get; init; } = [null, null];

    public string Prompt { get; init; } = "";

    /// <summary>The system prompt; null where the address has none.</summary>
    public string? System { get; init; }

    public PlaygroundSettings Settings { get; init; } = DefaultSettings;

    /// <summary>Whether the address says how many tokens: the validation set does otherwise.</summary>
    public bool HasMaxTokens { get; init; }

    /// <summary>The validation set; null where the page chooses.</summary>
    public string? Set { get; init; }

    /// <summary>The place of the validation prompt in its set, from 1; null for a prompt of one's own.</summary>
    public int? Record { get; init; }

    /// <summary>Reads an address; what it cannot mean is left at its default.</summary>
    public static PlaygroundAddress Parse(string uri)
    {
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string?[] targets = [.. s_columns.Select(name => Text(query, name))];
        int columns = Math.Max(FewestColumns, Array.FindLastIndex(targets, target => target is not null) + 1);
        int? maxTokens = (int?)Whole(query, "max_tokens", 1, 32768);
        return new()
        {
            Targets = [.. targets.Take(columns)],
            Prompt = Text(query, "prompt") ?? "",
            System = Text(query, "system"),
            Settings = new(
                Number(query, "temperature", 0, 2) ?? DefaultSettings.Temperature,
                maxTokens ?? DefaultSettings.MaxTokens,
                Number(query, "top_p", 0.01, 1) ?? DefaultSettings.TopP,
                Whole(query, "seed", 0, long.MaxValue) ?? DefaultSettings.Seed),
            HasMaxTokens = maxTokens is not null,
            Set = Text(query, "set"),
            Record = (int?)Whole(query, "record", 1, int.MaxValue),
        };
    }

    /// <summary>The query parameters of this state; null for those that are absent. A validation prompt stands in its set, and its text not in the address.</summary>
    public IReadOnlyDictionary<string, object?> ToQuery()
    {
        bool fits = Prompt.Length + (System?.Length ?? 0) <= LongestText;
        Dictionary<string, object?> query = new()
        {
            ["prompt"] = Record is null && Prompt.Length > 0 && fits ? Prompt : null,
            ["system"] = Record is null && System is { Length: > 0 } && fits ? System : null,
            ["temperature"] = Settings.Temperature == DefaultSettings.Temperature ? null : Settings.Temperature,
            ["top_p"] = Settings.TopP == DefaultSettings.TopP ? null : Settings.TopP,
            ["max_tokens"] = HasMaxTokens ? Settings.MaxTokens : null,
            ["seed"] = Settings.Seed == DefaultSettings.Seed ? null : Settings.Seed,
            ["set"] = Set,
            ["record"] = Record,
        };
        foreach ((int index, string name) in s_columns.Index())
        {
            query[name] = index < Targets.Count ? Targets[index] : null;
        }

        return query;
    }

    private static string? Text(Dictionary<string, StringValues> query, string name) => query.TryGetValue(name, out StringValues values) && values[0] is { Length: > 0 } text ? text : null;

    private static double? Number(Dictionary<string, StringValues> query, string name, double least, double most) =>
        double.TryParse(Text(query, name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most ? number : null;

    private static long? Whole(Dictionary<string, StringValues> query, string name, long least, long most) =>
        long.TryParse(Text(query, name), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number : null;
}
