using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Metric">The metric's name in files.</param>
/// <param name="Label">What the legend says.</param>
public sealed record ChartSeries(string Metric, string Label)
{
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

    /// <summary>The charts of every job, in the page's order.</summary>
    public static IReadOnlyList<ChartDefinition> All { get; } =
    [
        new("Training rewards", "Mean reward of each step's answers, and the validation over it. It should rise; single steps are noisy because prompts differ.", [new(MetricNames.Reward, "Training"), new(MetricNames.ValidationReward, "Validation") { IsDashed = true }, new(MetricNames.RewardStd, "Spread")]),
        new("Validation rewards", "On held-out prompts, greedy. Step 0 is the base model. Falling while training rises means overfitting or reward hacking.", [new(MetricNames.ValidationReward, "Validation")]),
        new("Accuracy", "Share of answers whose reward reaches the accuracy threshold.", [new(MetricNames.Accuracy, "Training"), new(MetricNames.ValidationAccuracy, "Validation") { IsDashed = true }], ChartFormat.Percent),
        new("Training loss", "Near 0 is normal on-policy: the advantages of a group sum to zero, and only the lengths of its answers move it. Progress shows in the rewards.", [new(MetricNames.Loss, "Loss")]),
        new("Policy entropy", "How undecided the model is, per token. A slow fall is learning; a sudden drop to 0 is collapse.", [new(MetricNames.Entropy, "Entropy")]),
        new("Gradient norm", "Length of each update before clipping. Spikes that stay high ask for a lower learning rate.", [new(MetricNames.GradNorm, "Norm")]),
        new("Training episode lengths", "Tokens of the answers. Steady growth without more reward is padding.", [new(MetricNames.MeanLength, "Mean"), new(MetricNames.MinLength, "Shortest"), new(MetricNames.MaxLength, "Longest")], ChartFormat.Tokens),
        new("Validation episode lengths", "Tokens of the greedy answers to held-out prompts.", [new(MetricNames.ValidationMeanLength, "Mean")], ChartFormat.Tokens),
        new("Reward margin", "Highest minus lowest reward within a group, on average. At 0 the answers all score alike and the step teaches nothing.", [new(MetricNames.RewardMargin, "Margin")]),
        new("Groups without spread", "Share of groups whose answers all score the same. They carry no signal; above one half, prompts are too easy or too hard.", [new(MetricNames.ZeroSpreadShare, "Share")], ChartFormat.Percent),
        new("Sampler/trainer gap", "Largest difference between the sampler's and the trainer's log-probability of a token. Tiny values mean that both run the same model.", [new(MetricNames.LogProbabilityGap, "Gap")], ChartFormat.Scientific),
    ];

    /// <summary>A chart of one metric by its name in files.</summary>
    public static ChartDefinition Of(string metric) => new(metric, "The metric of your choice, by its name in the job's files.", [new(metric, metric)]) { Id = "choice:" + metric };

    /// <summary>A chart for each further figure of the reward function.</summary>
    public static IEnumerable<ChartDefinition> ForRewardMetrics(IEnumerable<string> metrics) => metrics
        .Where(name => name.StartsWith("rewards/", StringComparison.Ordinal) && name.EndsWith("/mean", StringComparison.Ordinal))
        .Select(name => new ChartDefinition($"Reward metric: {name["rewards/".Length..^"/mean".Length]}", "A figure that the reward function reports beside its score.", [new(name, "Mean")]));
}
