using System.Globalization;

namespace RftConsole.Training.Jobs;

/// <summary>
/// Looks at the metrics of a run, step by step, for what goes wrong in runs of this kind. Each kind is found once. The same metrics
/// give the same findings, so that they can be looked for while a job runs, and again in what was stored.
/// </summary>
public sealed class StepHealth
{
    /// <summary>Steps whose mean counts as now, or as the beginning.</summary>
    private const int Window = 5;

    /// <summary>Steps that are compared with as many before them where slow changes count.</summary>
    private const int LongWindow = 20;

    /// <summary>Above this accuracy groups without spread are those that are solved, which is what training is for.</summary>
    private const double Solved = 0.75;

    private readonly List<IReadOnlyDictionary<string, double>> _steps = [];
    private readonly HashSet<string> _found = [];

    /// <summary>What follows from the base model's validation.</summary>
    public static IEnumerable<HealthFinding> OfBaseline(IReadOnlyDictionary<string, double> baseline)
    {
        double accuracy = baseline[MetricNames.ValidationAccuracy];
        if (accuracy > 0.95)
        {
            yield return new("baseline-high", 0, "Little to gain", $"The base model already solves {Percent(accuracy)} of the validation prompts.", "There is little to gain: most groups will have no spread of rewards.", "Take harder prompts, or a stricter reward.");
        }
        else if (accuracy == 0 && baseline[MetricNames.ValidationReward] <= 0)
        {
            yield return new("baseline-zero", 0, "No signal", "The base model solves none of the validation prompts.", "Where no answer is better than another, there is nothing to learn from.", "Take easier prompts, or a reward that grades parts.");
        }
    }

    /// <summary>What a step's metrics give rise to.</summary>
    public IEnumerable<HealthFinding> After(int step, IReadOnlyDictionary<string, double> metrics)
    {
        _steps.Add(metrics);
        return new[]
        {
            ZeroSpread(step), Clipped(step, metrics), RewardErrors(step, metrics), Unjudged(step, metrics),
            Plateau(step), RisingVariance(step), EntropyCollapse(step), LengthExplosion(step),
        }.OfType<HealthFinding>();
    }

    /// <summary>What a validation gives rise to, beside the steps before it.</summary>
    public IEnumerable<HealthFinding> AfterValidation(int step, IReadOnlyDictionary<string, double> validation)
    {
        double gap = Now(MetricNames.Accuracy) - validation[MetricNames.ValidationAccuracy];
        if (_steps.Count >= Window && gap > 0.25 && _found.Add("validation-gap"))
        {
            yield return new(
                "validation-gap", step, "Training and validation part",
                $"Training accuracy is {Percent(Now(MetricNames.Accuracy))} and validation accuracy {Percent(validation[MetricNames.ValidationAccuracy])}.",
                "The policy learns its training prompts by heart, or what it learns does not carry over.",
                "Take more or more varied prompts, fewer epochs or a lower learning rate; the best checkpoint by validation is kept.");
        }
    }

    /// <summary>What is odd about the scores of a step although they count.</summary>
    public IEnumerable<HealthFinding> OfResults(int step, IReadOnlyList<GradedCompletion[]> groups)
    {
        if (groups.SelectMany(x => x).FirstOrDefault(x => x.Result.Warning is not null) is { } odd && _found.Add("reward-odd"))
        {
            yield return new("reward-odd", step, "Odd scores", odd.Result.Warning!, "Scores outside the range that others expect make runs hard to compare.", "Look at the reward function.");
        }
    }

    private HealthFinding? ZeroSpread(int step) =>
        _steps.Count >= Window && Now(MetricNames.ZeroSpreadShare) > 0.5 && _steps[^1].GetValueOrDefault(MetricNames.Accuracy) < Solved && _found.Add("zero-spread")
            ? new("zero-spread", step, "Groups without spread", $"In the last {Window} steps {Percent(Now(MetricNames.ZeroSpreadShare))} of the groups had no spread of rewards.", "A group whose answers all score alike teaches nothing.", "Take prompts that the model solves sometimes, or more samples a prompt.")
            : null;

    private HealthFinding? Clipped(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.ClippedRatio) is > 0.5 and var share && _found.Add("clipped")
            ? new("clipped", step, "Responses are cut off", $"{Percent(share)} of the completions were cut off at the token limit.", "An answer that is cut off before its end is graded for what is missing.", "Raise inferenceMaxTokens, or reward shorter answers.")
            : null;

    private HealthFinding? RewardErrors(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.RewardErrors) is > 0 and var errors && _found.Add("reward-errors")
            ? new("reward-errors", step, "The reward function fails", string.Create(CultureInfo.InvariantCulture, $"The reward function failed for {errors} completions of a step; they got the failure score."), "A score that stands for a fault teaches the wrong thing.", "The rollouts table shows why; mend the function and start again.")
            : null;

    private HealthFinding? Unjudged(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.RewardUnjudged) is > 0 and var missing && _found.Add("reward-unjudged")
            ? new("reward-unjudged", step, "The judge gives no verdict", string.Create(CultureInfo.InvariantCulture, $"The judge gave no verdict on {missing} completions of a step; they are left out of their groups."), "Smaller groups compare less.", "The rollouts table shows why; make the instructions say exactly what to answer.")
            : null;

    private HealthFinding? Plateau(int step)
    {
        if (_steps.Count < 2 * LongWindow || _steps[^1].GetValueOrDefault(MetricNames.Accuracy) >= 0.95)
        {
            return null;
        }

        double now = Mean(MetricNames.Reward, _steps.Count - LongWindow, LongWindow), before = Mean(MetricNames.Reward, _steps.Count - (2 * LongWindow), LongWindow);
        double spread = Mean(MetricNames.RewardStd, _steps.Count - LongWindow, LongWindow);
        return Math.Abs(now - before) <= 0.05 * spread && _found.Add("reward-plateau")
            ? new("reward-plateau", step, "Reward plateau", $"The mean reward was {Number(before)} over {LongWindow} steps and {Number(now)} over the next {LongWindow}.", "More steps of the same will hardly change it.", "Stop here, raise the learning rate, or take prompts that are still hard.")
            : null;
    }

    private HealthFinding? RisingVariance(int step) =>
        _steps.Count >= LongWindow && First(MetricNames.RewardStd) > 0 && Now(MetricNames.RewardStd) > 2 * First(MetricNames.RewardStd) && Now(MetricNames.Reward) <= First(MetricNames.Reward) && _found.Add("reward-variance")
            ? new("reward-variance", step, "Rising reward variance", $"Rewards spread by {Number(Now(MetricNames.RewardStd))} now and by {Number(First(MetricNames.RewardStd))} at the beginning, and are no higher.", "Updates pull in different directions, and the run may become unstable.", "Lower the learning rate, or take more prompts a step.")
            : null;

    private HealthFinding? EntropyCollapse(int step) =>
        _steps.Count > Window && First(MetricNames.Entropy) > 0.05 && Now(MetricNames.Entropy) < 0.1 * First(MetricNames.Entropy) && _steps[^1].GetValueOrDefault(MetricNames.Accuracy) < Solved && _found.Add("entropy-collapse")
            ? new("entropy-collapse", step, "Entropy collapse", $"Entropy fell from {Number(First(MetricNames.Entropy))} to {Number(Now(MetricNames.Entropy))}.", "The policy answers always alike: without different answers there is nothing to compare.", "Lower the learning rate, set klCoefficient above 0, or sample at a higher temperature.")
            : null;

    private HealthFinding? LengthExplosion(int step) =>
        _steps.Count > Window && First(MetricNames.MeanLength) > 0 && Now(MetricNames.MeanLength) > 2 * First(MetricNames.MeanLength) && Now(MetricNames.Reward) <= First(MetricNames.Reward) + (0.5 * First(MetricNames.RewardStd)) && _found.Add("length-explosion")
            ? new("length-explosion", step, "Length explosion", $"Answers have {Number(Now(MetricNames.MeanLength))} tokens, and had {Number(First(MetricNames.MeanLength))} at the beginning; the reward hardly rose.", "The policy pads its answers: each step takes longer and teaches little.", "Let the reward count length, or lower inferenceMaxTokens.")
            : null;

    private double Now(string name) => Mean(name, Math.Max(0, _steps.Count - Window), Window);

    private double First(string name) => Mean(name, 0, Window);

    private double Mean(string name, int start, int count) => _steps.Count == 0 ? 0 : _steps.Skip(start).Take(count).Average(metrics => metrics.GetValueOrDefault(name));

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
