using System.Globalization;

namespace RftConsole.Web.Components.Help;

/// <summary>The Markdown texts that come with the console, in the language of the page where there is a translation, in English otherwise.</summary>
internal static class HelpTexts
{
    /// <summary>Reads a text.</summary>
    /// <param name="name">Its file's name, without ending.</param>
    public static string Read(string name)
    {
        for (CultureInfo culture = CultureInfo.CurrentUICulture; culture != CultureInfo.InvariantCulture; culture = culture.Parent)
        {
            if (Find($"{name}.{culture.Name}") is { } translated)
            {
                return translated;
            }
        }

        return Find(name) ?? throw new InvalidOperationException($"There is no help text {name}.");
    }

    private static string? Find(string name)
    {
        using Stream? stream = typeof(HelpTexts).Assembly.GetManifestResourceStream($"help/{name}.md");
        if (stream is null)
        {
            return null;
        }

        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
