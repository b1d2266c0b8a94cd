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
            yield return HealthKind.BaselineHigh.At(0, Percent(accuracy));
        }
        else if (accuracy == 0 && baseline[MetricNames.ValidationReward] <= 0)
        {
            yield return HealthKind.BaselineZero.At(0);
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
            yield return HealthKind.ValidationGap.At(step, Percent(Now(MetricNames.Accuracy)), Percent(validation[MetricNames.ValidationAccuracy]));
        }
    }

    /// <summary>What is odd about the scores of a step although they count.</summary>
    public IEnumerable<HealthFinding> OfResults(int step, IReadOnlyList<GradedCompletion[]> groups)
    {
        if (groups.SelectMany(x => x).FirstOrDefault(x => x.Result.Warning is not null) is { } odd && _found.Add("reward-odd"))
        {
            yield return HealthKind.OddScores.At(step, odd.Result.Warning!);
        }
    }

    private HealthFinding? ZeroSpread(int step) =>
        _steps.Count >= Window && Now(MetricNames.ZeroSpreadShare) > 0.5 && _steps[^1].GetValueOrDefault(MetricNames.Accuracy) < Solved && _found.Add("zero-spread")
            ? HealthKind.ZeroSpread.At(step, Window, Percent(Now(MetricNames.ZeroSpreadShare)))
            : null;

    private HealthFinding? Clipped(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.ClippedRatio) is > 0.5 and var share && _found.Add("clipped")
            ? HealthKind.Clipped.At(step, Percent(share))
            : null;

    private HealthFinding? RewardErrors(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.RewardErrors) is > 0 and var errors && _found.Add("reward-errors")
            ? HealthKind.RewardErrors.At(step, errors)
            : null;

    private HealthFinding? Unjudged(int step, IReadOnlyDictionary<string, double> metrics) =>
        metrics.GetValueOrDefault(MetricNames.RewardUnjudged) is > 0 and var missing && _found.Add("reward-unjudged")
            ? HealthKind.Unjudged.At(step, missing)
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
            ? HealthKind.Plateau.At(step, Number(before), Number(now), LongWindow)
            : null;
    }

    private HealthFinding? RisingVariance(int step) =>
        _steps.Count >= LongWindow && First(MetricNames.RewardStd) > 0 && Now(MetricNames.RewardStd) > 2 * First(MetricNames.RewardStd) && Now(MetricNames.Reward) <= First(MetricNames.Reward) && _found.Add("reward-variance")
            ? HealthKind.RisingVariance.At(step, Number(Now(MetricNames.RewardStd)), Number(First(MetricNames.RewardStd)))
            : null;

    private HealthFinding? EntropyCollapse(int step) =>
        _steps.Count > Window && First(MetricNames.Entropy) > 0.05 && Now(MetricNames.Entropy) < 0.1 * First(MetricNames.Entropy) && _steps[^1].GetValueOrDefault(MetricNames.Accuracy) < Solved && _found.Add("entropy-collapse")
            ? HealthKind.EntropyCollapse.At(step, Number(First(MetricNames.Entropy)), Number(Now(MetricNames.Entropy)))
            : null;

    private HealthFinding? LengthExplosion(int step) =>
        _steps.Count > Window && First(MetricNames.MeanLength) > 0 && Now(MetricNames.MeanLength) > 2 * First(MetricNames.MeanLength) && Now(MetricNames.Reward) <= First(MetricNames.Reward) + (0.5 * First(MetricNames.RewardStd)) && _found.Add("length-explosion")
            ? HealthKind.LengthExplosion.At(step, Number(Now(MetricNames.MeanLength)), Number(First(MetricNames.MeanLength)))
            : null;

    private double Now(string name) => Mean(name, Math.Max(0, _steps.Count - Window), Window);

    private double First(string name) => Mean(name, 0, Window);

    private double Mean(string name, int start, int count) => _steps.Count == 0 ? 0 : _steps.Skip(start).Take(count).Average(metrics => metrics.GetValueOrDefault(name));

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
