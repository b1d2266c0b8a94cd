namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Finds records whose turns are in different languages, such as an English system turn before a German question.</summary>
internal sealed class RoleLanguages
{
    private readonly LineList _mixed = new();
    private string? _firstMixture;
    private (string Text, string? Language) _lastSystem = ("", null);

    public void Add(int line, TrainingRecord record)
    {
        string? firstRole = null;
        string? firstLanguage = null;
        foreach (var message in record.Messages)
        {
            // What a tool returns is often not prose.
            var language = message.Role == "tool" ? null : message.Role == "system" ? OfSystem(message.Content) : LanguageGuess.Of(message.Content);
            if (language is null)
            {
                continue;
            }

            if (firstLanguage is not null && firstLanguage != language && firstRole != message.Role)
            {
                _mixed.Add(line);
                _firstMixture ??= $"in line {line} the {firstRole} turn is in {firstLanguage} and the {message.Role} turn in {language}";
                return;
            }

            (firstRole, firstLanguage) = (firstRole ?? message.Role, firstLanguage ?? language);
        }
    }

    public IEnumerable<string> Warnings() => _firstMixture is null ? [] :
        [$"{_mixed.Counted()} with mixed languages between the roles ({_mixed}): {_firstMixture}."];

    private string? OfSystem(string text)
    {
        if (text != _lastSystem.Text)
        {
            _lastSystem = (text, LanguageGuess.Of(text));
        }

        return _lastSystem.Language;
    }
}
