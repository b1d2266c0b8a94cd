using System.Globalization;

namespace RftConsole.Web.Localization;

/// <summary>A language of the pages, and how numbers and dates read in it.</summary>
/// <param name="Name">BCP 47, as <c>html lang</c> and the cookie have it.</param>
/// <param name="Title">Its own name for itself.</param>
/// <param name="Culture">Formats of numbers and dates.</param>
public sealed record Language(string Name, string Title, CultureInfo Culture)
{
    /// <summary>The language of the source, and of everybody who reads none of the others. Dates as in ISO 8601: months and days are mistaken by nobody.</summary>
    public static Language English { get; } = new("en", "English", Formats("en", "yyyy-MM-dd", percentPattern: 0));

    public static Language SimplifiedChinese { get; } = new("zh-Hans", "简体中文", Formats("zh-Hans", "yyyy/M/d", percentPattern: 1));

    /// <summary>Those that are offered.</summary>
    public static IReadOnlyList<Language> All { get; } = [English, SimplifiedChinese];

    /// <summary>The language of whoever the running code renders for; English where it runs for nobody.</summary>
    public static Language Current => All.FirstOrDefault(language => language.Name == CultureInfo.CurrentUICulture.Name) ?? English;

    /// <summary>
    /// Makes this the language of what runs from here on in the calling method and in whatever it awaits. News of a service arrive on
    /// threads that know nothing of the reader.
    /// </summary>
    public void Apply() => CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = Culture;

    /// <summary>Where a browser goes to choose this language for the page at <paramref name="uri"/>.</summary>
    public string ChoiceAddress(string uri) => $"/language/{Name}?returnUrl={Uri.EscapeDataString(new Uri(uri).PathAndQuery)}";

    /// <summary>Percent patterns: 0 is "12 %", 1 is "12%".</summary>
    private static CultureInfo Formats(string name, string date, int percentPattern)
    {
        CultureInfo culture = new(name);
        culture.DateTimeFormat.ShortDatePattern = date;
        culture.DateTimeFormat.LongTimePattern = "HH:mm:ss";
        culture.DateTimeFormat.ShortTimePattern = "HH:mm";
        culture.NumberFormat.PercentPositivePattern = percentPattern;
        return CultureInfo.ReadOnly(culture);
    }
}
