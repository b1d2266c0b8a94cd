using System.Collections.Concurrent;
using System.Globalization;

namespace RftConsole.Web.Components.Help;

/// <summary>What a page says of itself.</summary>
/// <param name="Name">The same in every language.</param>
/// <param name="Title">The page's name.</param>
/// <param name="Hint">What somebody who is here for the first time should know, in a sentence; null for pages that need none.</param>
/// <param name="Text">Markdown.</param>
public sealed record HelpTopic(string Name, string Title, string? Hint, string Text)
{
    private const string HintMark = "Hint: ";

    private static readonly ConcurrentDictionary<(string Name, string Culture), HelpTopic> _topics = new();

    /// <summary>Every topic.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "home", "samples", "jobs", "create", "job", "compare", "models", "deployments", "playground", "datasets", "rewards", "base-models", "settings", "users", "audit-log", "api-docs", "glossary", "console",
    ];

    /// <summary>The topic of a page.</summary>
    /// <param name="path">The page's address, relative to the console's and without query.</param>
    public static HelpTopic Of(string path) => Get(NameOf(path.Trim('/').Split('/')));

    /// <summary>The topic with this name, in the language of the page.</summary>
    public static HelpTopic Get(string name) => _topics.GetOrAdd((name, CultureInfo.CurrentUICulture.Name), key => Read(key.Name, HelpTexts.Read(key.Name)));

    private static string NameOf(string[] path) => path switch
    {
        [""] => "home",
        ["jobs"] => "jobs",
        ["jobs", "create"] => "create",
        ["jobs", "compare"] => "compare",
        ["jobs", _] => "job",
        [var first, ..] when Names.Contains(first) => first,
        _ => "console",
    };

    /// <summary>The title is the first heading, and a paragraph with the mark is the hint; links such as <c>(#reward)</c> lead to the glossary.</summary>
    private static HelpTopic Read(string name, string markdown)
    {
        string[] paragraphs = markdown.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        string? hint = paragraphs.FirstOrDefault(paragraph => paragraph.StartsWith(HintMark, StringComparison.Ordinal));
        return new(
            name,
            paragraphs[0].TrimStart('#').Trim(),
            hint?[HintMark.Length..].Trim(),
            string.Join("\n\n", paragraphs.Skip(1).Where(paragraph => paragraph != hint)).Replace("](#", $"]({Glossary.Href("")}", StringComparison.Ordinal));
    }
}
