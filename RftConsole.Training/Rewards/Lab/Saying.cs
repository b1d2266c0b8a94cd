using System.Globalization;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>A sentence whose figures stand beside it, so that pages can say it in another language.</summary>
/// <param name="Phrase">The English sentence, with <c>{0}</c>, <c>{1}</c> … in the figures' places.</param>
/// <param name="Figures">What belongs there.</param>
public sealed record Saying(string Phrase, params IReadOnlyList<object?> Figures)
{
    /// <summary>The sentence in English.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, Phrase, [.. Figures]);
}
