namespace RftConsole.Training.Rewards;

/// <summary>A reward function that comes with the console.</summary>
/// <param name="Name">The name in job files, such as <c>math-reasoning</c>.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Description">What it grades, in a sentence or two.</param>
/// <param name="Source">Its Python source.</param>
public sealed record RewardTemplate(string Name, string Title, string Description, string Source);

/// <summary>All reward templates.</summary>
public static class RewardTemplates
{
    public static IReadOnlyList<RewardTemplate> All { get; } = [];
}
