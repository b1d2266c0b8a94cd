using System.Diagnostics.CodeAnalysis;

using RftConsole.Training.Storage;

namespace RftConsole.Web.Storage;

/// <summary>
/// Prompts, responses and what was said about them, as the database keeps them for a job, a model or a data set: where its folder is encrypted, encrypted with its data key, each text for its own place.
/// </summary>
/// <param name="folder">The folder of what they belong to.</param>
internal sealed class RowTexts(string folder)
{
    /// <summary>What an encrypted text begins with.</summary>
    private const string Mark = "sealed:";

    /// <summary>Whether the texts are encrypted, and can therefore not be searched by the database.</summary>
    public bool AreSealed { get; } = SealedFolders.IsEncrypted(Path.Combine(folder, SealedFolders.KeyFile));

    /// <param name="place">Table, row and column.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="KeyUnavailableException">The key is locked or lost.</exception>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Seal(string place, string? text) => text is null || !AreSealed ? text : Mark + Convert.ToBase64String(Texts().Seal(place, text));

    /// <exception cref="KeyUnavailableException">The key is locked or lost.</exception>
    /// <exception cref="InvalidDataException">It is not what was sealed for this place.</exception>
    [return: NotNullIfNotNull(nameof(stored))]
    public string? Open(string place, string? stored) =>
        stored is null || !AreSealed || !stored.StartsWith(Mark, StringComparison.Ordinal) ? stored : Texts().Open(place, Convert.FromBase64String(stored[Mark.Length..]));

    /// <summary>The text, or why it cannot be read.</summary>
    [return: NotNullIfNotNull(nameof(stored))]
    public string? OpenOrSay(string place, string? stored)
    {
        try
        {
            return Open(place, stored);
        }
        catch (KeyUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    /// <summary>The text; what cannot be encrypted now is left out, and the note in its place says nothing of its content.</summary>
    public string SealOr(string place, string text, string otherwise)
    {
        try
        {
            return Seal(place, text);
        }
        catch (KeyUnavailableException)
        {
            return otherwise;
        }
    }

    private SealedText Texts() => SealedFolders.Find(Path.Combine(folder, SealedFolders.KeyFile))?.Texts
        ?? throw new KeyUnavailableException($"{folder} is encrypted, and its data key was destroyed");
}
