using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Metric">The metric's name in files.</param>
/// <param name="Label">What the legend says.</param>
public sealed record ChartSeries(string Metric, string Label)
{
    /// <summary>Its column in a file, the same in every language.</summary>
    public string Name { get; init; } = Label;

    /// <summary>Drawn with dashes, such as validation over training.</summary>
    public bool IsDashed { get; init; }
}

/// <summary>How a chart's values read.</summary>
public enum ChartFormat
{
    Number,
    Percent,
    Tokens,
    Scientific,
}

/// <summary>A chart of the job page.</summary>
/// <param name="Title">By the original's titles.</param>
/// <param name="Explanation">How to read it, in a sentence or two.</param>
/// <param name="Series">Its lines.</param>
/// <param name="Format">How its values read.</param>
public sealed record ChartDefinition(string Title, string Explanation, IReadOnlyList<ChartSeries> Series, ChartFormat Format = ChartFormat.Number)
{
    /// <summary>Unique on a board.</summary>
    public string Id { get; init; } = Title;

    /// <summary>Names its files, the same in every language.</summary>
    public string Name { get; init; } = Title;

    /// <summary>The word of the glossary that it is about; null for none.</summary>
    public string? Term { get; init; }

    /// <summary>The charts of every job, in the page's order.</summary>
    public static IReadOnlyList<ChartDefinition> All { get; } =
    [
        new(Phrase("Training rewards"), Phrase("Mean reward of each step's answers, and the validation over it. It should rise; single steps are noisy because prompts differ."), [new(MetricNames.Reward, Phrase("Training")), new(MetricNames.ValidationReward, Phrase("Validation")) { IsDashed = true }, new(MetricNames.RewardStd, Phrase("Spread"))]) { Term = "reward" },
        new(Phrase("Validation rewards"), Phrase("On held-out prompts, greedy. Step 0 is the base model. Falling while training rises means overfitting or reward hacking."), [new(MetricNames.ValidationReward, Phrase("Validation"))]) { Term = "validation" },
        new(Phrase("Accuracy"), Phrase("Share of answers whose reward reaches the accuracy threshold."), [new(MetricNames.Accuracy, Phrase("Training")), new(MetricNames.ValidationAccuracy, Phrase("Validation")) { IsDashed = true }], ChartFormat.Percent) { Term = "accuracy" },
        new(Phrase("Training loss"), Phrase("Near 0 is normal on-policy: the advantages of a group sum to zero, and only the lengths of its answers move it. Progress shows in the rewards."), [new(MetricNames.Loss, Phrase("Loss"))]) { Term = "loss" },
        new(Phrase("Policy entropy"), Phrase("How undecided the model is, per token. A slow fall is learning; a sudden drop to 0 is collapse."), [new(MetricNames.Entropy, Phrase("Entropy"))]) { Term = "entropy" },
        new(Phrase("Gradient norm"), Phrase("Length of each update before clipping. Spikes that stay high ask for a lower learning rate."), [new(MetricNames.GradNorm, Phrase("Norm"))]) { Term = "gradient-norm" },
        new(Phrase("Training episode lengths"), Phrase("Tokens of the answers. Steady growth without more reward is padding."), [new(MetricNames.MeanLength, Phrase("Mean")), new(MetricNames.MinLength, Phrase("Shortest")), new(MetricNames.MaxLength, Phrase("Longest"))], ChartFormat.Tokens) { Term = "episode-length" },
        new(Phrase("Validation episode lengths"), Phrase("Tokens of the greedy answers to held-out prompts."), [new(MetricNames.ValidationMeanLength, Phrase("Mean"))], ChartFormat.Tokens) { Term = "episode-length" },
        new(Phrase("Reward margin"), Phrase("Highest minus lowest reward within a group, on average. At 0 the answers all score alike and the step teaches nothing."), [new(MetricNames.RewardMargin, Phrase("Margin"))]) { Term = "reward-margin" },
        new(Phrase("Groups without spread"), Phrase("Share of groups whose answers all score the same. They carry no signal; above one half, prompts are too easy or too hard."), [new(MetricNames.ZeroSpreadShare, Phrase("Share"))], ChartFormat.Percent) { Term = "zero-spread" },
        new(Phrase("Sampler/trainer gap"), Phrase("Largest difference between the sampler's and the trainer's log-probability of a token. Tiny values mean that both run the same model."), [new(MetricNames.LogProbabilityGap, Phrase("Gap"))], ChartFormat.Scientific) { Term = "sampler-trainer-gap" },
    ];

    /// <summary>A chart of one metric by its name in files.</summary>
    public static ChartDefinition Of(string metric) => new(metric, L["The metric of your choice, by its name in the job's files."], [new(metric, metric)]) { Id = "choice:" + metric };

    /// <summary>A chart for each further figure of the reward function.</summary>
    public static IEnumerable<ChartDefinition> ForRewardMetrics(IEnumerable<string> metrics) => metrics
        .Where(name => name.StartsWith("rewards/", StringComparison.Ordinal) && name.EndsWith("/mean", StringComparison.Ordinal))
        .Select(name => RewardMetric(name, name["rewards/".Length..^"/mean".Length]));

    /// <summary>The chart as its reader's language has it; the names in files stay.</summary>
    public ChartDefinition InReadersLanguage() => this with
    {
        Title = L[Title],
        Explanation = L[Explanation],
        Series = [.. Series.Select(series => series with { Label = L[series.Label] })],
    };

    private static ChartDefinition RewardMetric(string metric, string name) =>
        new(L["Reward metric: {0}", name], L["A figure that the reward function reports beside its score."], [new(metric, L["Mean"]) { Name = "Mean" }]) { Id = metric, Term = "reward-function", Name = $"Reward metric: {name}" };
}
