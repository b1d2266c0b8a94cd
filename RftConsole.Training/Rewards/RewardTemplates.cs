using System.Reflection;
using System.Text;

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
    public static IReadOnlyList<RewardTemplate> All { get; } =
    [
        new(
            "math-reasoning",
            "Mathematical reasoning with ground truth verification",
            "Extracts the final answer from the response and compares it with the reference answer as a number: 1 where they are equal, else 0.",
            Source("math_reasoning.py")),
        new(
            "generic-grader",
            "Generic grader with boilerplate code",
            "A skeleton to make your own. As it is: 1 where the response equals the reference answer, 0.5 where it contains it, else 0.",
            Source("generic_grader.py")),
    ];

    private static string Source(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Rewards.Templates." + file)
            ?? throw new InvalidOperationException($"The program was built without {file}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
