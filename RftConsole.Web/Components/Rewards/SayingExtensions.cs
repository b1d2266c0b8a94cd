using RftConsole.Training.Rewards.Lab;

namespace RftConsole.Web.Components.Rewards;

/// <summary>What the reward lab says, as pages show it.</summary>
internal static class SayingExtensions
{
    /// <summary>The sentence in the reader's language, with its figures.</summary>
    public static string InReadersLanguage(this Saying saying) => L[saying.Phrase, [.. saying.Figures]];
}
