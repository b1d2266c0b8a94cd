using System.Collections;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Resources;

namespace RftConsole.Web.Localization;

/// <summary>
/// The texts of the pages in the reader's language. English is written where it is used and is the key; the other languages stand in the
/// resource files of this folder, one an area: <c>L["Delete"]</c>, <c>L["Delete {0}", name]</c>. A text stands in one file only, whichever
/// pages use it and with whichever capitals. Where one English word means two things, what it is about stands behind a bar and is not shown: <c>L["Code|of an authenticator"]</c>.
/// </summary>
public sealed class Texts
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string>> s_languages =
        Language.All.Where(language => language != Language.English).ToFrozenDictionary(
            language => language.Name,
            language => Read(language.Culture).DistinctBy(entry => entry.English, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(entry => entry.English, entry => entry.Text, StringComparer.OrdinalIgnoreCase));

    private Texts()
    {
    }

    /// <summary>In every page and class of the components.</summary>
    public static Texts L { get; } = new();

    /// <summary>A text in the reader's language; the English one where it has none.</summary>
    public string this[string english] => Find(english) ?? (english.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar ? english[..bar] : english);

    /// <summary>A text with values in its places <c>{0}</c>, <c>{1}</c> …</summary>
    public string this[string english, params ReadOnlySpan<object?> values] => string.Format(Language.Current.Culture, this[english], values);

    /// <summary>Marks a text that is kept in a list or a constant, and looked up where it is shown.</summary>
    public static string Phrase(string english) => english;

    /// <summary>A text in the reader's language; null where it has none, and for readers of English.</summary>
    internal static string? Find(string english) =>
        s_languages.TryGetValue(Language.Current.Name, out FrozenDictionary<string, string>? texts) ? texts.GetValueOrDefault(english) : null;

    /// <summary>All texts of a language.</summary>
    internal static IEnumerable<(string English, string Text)> Read(CultureInfo culture)
    {
        Assembly resources = typeof(Texts).Assembly.GetSatelliteAssembly(culture);
        foreach (string file in resources.GetManifestResourceNames())
        {
            using ResourceReader reader = new(resources.GetManifestResourceStream(file)!);
            foreach (DictionaryEntry entry in reader)
            {
                yield return ((string)entry.Key, (string)entry.Value!);
            }
        }
    }
}
