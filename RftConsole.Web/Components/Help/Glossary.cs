using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RftConsole.Web.Components.Help;

/// <summary>A word of the field.</summary>
/// <param name="Anchor">Its place on the glossary's page; the same in every language.</param>
/// <param name="Name">The word.</param>
/// <param name="Text">What it means, in a sentence or two.</param>
public sealed record GlossaryTerm(string Anchor, string Name, string Text)
{
    /// <summary>Where it is explained.</summary>
    public string Href => Glossary.Href(Anchor);
}

/// <summary>The words that the console explains, in the order of the page.</summary>
public static partial class Glossary
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<GlossaryTerm>> _terms = new();

    /// <summary>In the language of the page.</summary>
    public static IReadOnlyList<GlossaryTerm> Terms => _terms.GetOrAdd(CultureInfo.CurrentUICulture.Name, _ => Read(HelpTexts.Read("words")));

    /// <summary>Where a word is explained.</summary>
    public static string Href(string anchor) => "/glossary#" + anchor;

    /// <summary>The word with this anchor.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static GlossaryTerm Find(string anchor) => Terms.FirstOrDefault(term => term.Anchor == anchor) ?? throw new ArgumentException($"The glossary has no word {anchor}.", nameof(anchor));

    /// <summary>Words whose name or explanation has every word of a search; those with a hit in the name first.</summary>
    public static IReadOnlyList<GlossaryTerm> Search(string? text)
    {
        string[] words = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. Terms
                .Where(term => words.All(word => $"{term.Name} {term.Text}".Contains(word, StringComparison.CurrentCultureIgnoreCase)))
                .OrderBy(term => words.All(word => term.Name.Contains(word, StringComparison.CurrentCultureIgnoreCase)) ? 0 : 1),
        ];
    }

    /// <summary>Words begin with a heading such as <c>## Reward {#reward}</c>.</summary>
    internal static IReadOnlyList<GlossaryTerm> Read(string markdown) =>
        [.. Entry.Matches(markdown).Select(match => new GlossaryTerm(match.Groups["anchor"].Value, match.Groups["name"].Value, match.Groups["text"].Value.Trim()))];

    [GeneratedRegex(@"^## (?<name>.+?) \{#(?<anchor>[a-z0-9-]+)\}\r?$\n(?<text>(?:(?!^## ).*\n?)*)", RegexOptions.Multiline)]
    private static partial Regex Entry { get; }
}
