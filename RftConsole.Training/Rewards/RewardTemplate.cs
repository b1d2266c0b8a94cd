namespace RftConsole.Training.Rewards;

/// <summary>Who grades.</summary>
public enum RewardKind
{
    /// <summary>A Python function: reinforcement learning with verifiable rewards (RLVR).</summary>
    CustomCode,

    /// <summary>A language model that follows instructions: reinforcement learning from AI feedback (RLAIF).</summary>
    ModelAsJudge,
}

/// <summary>A reward function that comes with the console.</summary>
/// <param name="Name">The name in job files, such as <c>math-reasoning</c>.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Description">What it grades, in a sentence or two.</param>
public sealed record RewardTemplate(string Name, string Title, string Description)
{
    /// <summary>Who grades: the template has a <see cref="Source"/> or <see cref="Instructions"/>.</summary>
    public RewardKind Kind => Instructions is null ? RewardKind.CustomCode : RewardKind.ModelAsJudge;

    /// <summary>The Python source of custom code; null where a model judges.</summary>
    public string? Source { get; init; }

    /// <summary>What the judge is told, with the placeholders <c>{prompt}</c>, <c>{completion}</c> and <c>{reference_answer}</c>; null for custom code.</summary>
    public string? Instructions { get; init; }

    /// <summary>Training records that fit the template: one JSON object each, without a line break. At least one.</summary>
    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>The first of <see cref="Examples"/>.</summary>
    public string ExampleRecord => Examples[0];

    /// <summary>The page of documentation, in Markdown.</summary>
    public required string Documentation { get; init; }
}
