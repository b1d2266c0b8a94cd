namespace RftConsole.Training.Jobs;

/// <summary>Warnings about a run, each raised once: what was seen, why it matters, what to do.</summary>
public sealed class StepHealth
{
    private const int Window = 5;

    /// <summary>Above this accuracy groups without spread are those that are solved, which is what training is for.</summary>
    private const double Solved = 0.75;

    private readonly Queue<double> _zeroSpread = new();
    private readonly HashSet<string> _raised = [];

    /// <summary>Warnings that follow from the base model's validation.</summary>
    public static IEnumerable<JobWarning> OfBaseline(IReadOnlyDictionary<string, double> baseline)
    {
        double accuracy = baseline[MetricNames.ValidationAccuracy];
        if (accuracy > 0.95)
        {
            yield return new("baseline-high", $"The base model already solves {accuracy:P0} of the validation prompts: there is little to gain. Take harder prompts, or a stricter reward.");
        }
        else if (accuracy == 0 && baseline[MetricNames.ValidationReward] <= 0)
        {
            yield return new("baseline-zero", "The base model solves none of the validation prompts: where no answer is better than another, there is nothing to learn from. Take easier prompts, or a reward that grades parts.");
        }
    }

    /// <summary>Warnings that a step's metrics give rise to.</summary>
    public IEnumerable<JobWarning> After(IReadOnlyDictionary<string, double> metrics)
    {
        _zeroSpread.Enqueue(metrics[MetricNames.ZeroSpreadShare]);
        if (_zeroSpread.Count > Window)
        {
            _zeroSpread.Dequeue();
        }

        if (_zeroSpread.Count == Window && _zeroSpread.Average() > 0.5 && metrics[MetricNames.Accuracy] < Solved && _raised.Add("zero-spread"))
        {
            yield return new("zero-spread", $"In the last {Window} steps {_zeroSpread.Average():P0} of the groups had no spread of rewards: these teach nothing. Take prompts that the model solves sometimes, or more samples a prompt.");
        }

        if (metrics[MetricNames.ClippedRatio] > 0.5 && _raised.Add("clipped"))
        {
            yield return new("clipped", $"{metrics[MetricNames.ClippedRatio]:P0} of the completions were cut off at the token limit. Raise inferenceMaxTokens, or reward shorter answers.");
        }

        if (metrics[MetricNames.RewardErrors] > 0 && _raised.Add("reward-errors"))
        {
            yield return new("reward-errors", $"The reward function failed for {metrics[MetricNames.RewardErrors]} completions of a step; they got the failure score. The rollouts table shows why.");
        }

        if (metrics.GetValueOrDefault(MetricNames.RewardUnjudged) > 0 && _raised.Add("reward-unjudged"))
        {
            yield return new("reward-unjudged", $"The judge gave no verdict on {metrics[MetricNames.RewardUnjudged]} completions of a step; they are left out of their groups. The rollouts table shows why.");
        }
    }

    /// <summary>What is odd about the scores of a step although they count.</summary>
    public IEnumerable<JobWarning> OfResults(IReadOnlyList<GradedCompletion[]> groups)
    {
        if (groups.SelectMany(x => x).FirstOrDefault(x => x.Result.Warning is not null) is { } odd && _raised.Add("reward-odd"))
        {
            yield return new("reward-odd", odd.Result.Warning!);
        }
    }
}
