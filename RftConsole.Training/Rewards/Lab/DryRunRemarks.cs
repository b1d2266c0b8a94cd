using System.Globalization;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>How much a remark matters.</summary>
public enum RemarkTone
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>A job would learn less than it could.</summary>
    Warning,

    /// <summary>A job would learn nothing, or the wrong thing.</summary>
    Bad,
}

/// <summary>A sentence about a dry run.</summary>
public sealed record DryRunRemark(RemarkTone Tone, string Text);

/// <summary>Says in words what the figures of a dry run mean for a job. Pure.</summary>
public static class DryRunRemarks
{
    /// <summary>A baseline above this leaves nothing to gain.</summary>
    public const double SaturatedShare = 0.95;

    /// <summary>From here on most of a step teaches nothing.</summary>
    private const double ManyWithoutSpread = 0.5;

    /// <summary>A job stops where more of a step's samples fail.</summary>
    private const double StoppingFailures = 0.5;

    /// <summary>A job pauses where a larger share of a step has no verdict.</summary>
    private const double PausingVerdicts = 0.1;

    /// <summary>Smaller differences between the scores of a group are a judge's noise rather than its opinion.</summary>
    private const double SmallMargin = 0.01;

    private const double ManyTruncated = 0.25;
    private const double StrongCorrelation = 0.8;

    /// <summary>With fewer responses a correlation says nothing.</summary>
    private const int CorrelationNeeds = 16;

    /// <summary>The worst first.</summary>
    public static IReadOnlyList<DryRunRemark> Of(DryRunStatistics figures) =>
        figures.Responses == 0 ? [] : [.. All(figures).OrderByDescending(remark => remark.Tone)];

    private static IEnumerable<DryRunRemark> All(DryRunStatistics figures)
    {
        if (figures.Failures == figures.Responses)
        {
            yield return new(RemarkTone.Bad, $"The function fails on every response: {figures.FirstFailure}");
            yield break;
        }

        if (figures.Failures + figures.Unjudged == figures.Responses)
        {
            yield return new(RemarkTone.Bad, "The judge gives no verdict on any response: its answers cannot be read.");
            yield break;
        }

        foreach (DryRunRemark remark in Failures(figures).Concat(Signal(figures)).Concat(Baseline(figures)).Concat(Responses(figures)))
        {
            yield return remark;
        }
    }

    private static IEnumerable<DryRunRemark> Failures(DryRunStatistics figures)
    {
        if (figures.Failures > 0)
        {
            bool stops = figures.Failures > StoppingFailures * figures.Responses;
            yield return new(
                stops ? RemarkTone.Bad : RemarkTone.Warning,
                $"{figures.Failures} of {figures.Responses} responses could not be graded{(stops ? "; a job stops where more than half of a step fails" : "; in a job they get the failure score")}. The first: {figures.FirstFailure}");
        }

        if (figures.Unjudged > 0)
        {
            bool pauses = figures.Unjudged > PausingVerdicts * figures.Responses;
            yield return new(
                pauses ? RemarkTone.Bad : RemarkTone.Warning,
                $"The judge gave no verdict on {figures.Unjudged} of {figures.Responses} responses{(pauses ? "; a job pauses where more than a tenth of a step has none" : "; in a job they are left out of their groups")}.");
        }

        if (figures.OutOfRange > 0)
        {
            yield return new(RemarkTone.Warning, Say($"{figures.OutOfRange} of the scores lie outside -1 to 1 ({figures.Lowest:0.###} to {figures.Highest:0.###}); the advantages are scaled by group, so large scores gain nothing."));
        }
    }

    /// <summary>A policy learns from differences inside a group, and from nothing else.</summary>
    private static IEnumerable<DryRunRemark> Signal(DryRunStatistics figures)
    {
        if (figures.ComparedGroups == 0)
        {
            yield return new(RemarkTone.Note, "With one response to a prompt nothing can be said about the spread inside a group, which is what a job learns from.");
        }
        else if (figures.ZeroSpreadShare >= 1)
        {
            yield return new(RemarkTone.Bad, figures.StandardDeviation <= 1e-9
                ? Say($"Every response gets {figures.Mean:0.###}: no group has any spread, and a job would learn nothing.")
                : "No group has any spread: each prompt's responses get the same score, and a job would learn nothing.");
        }
        else if (figures.ZeroSpreadShare > ManyWithoutSpread)
        {
            yield return new(RemarkTone.Warning, $"{Percent(figures.ZeroSpreadShare)} of the groups have no spread: these teach nothing. A finer score, more responses to a prompt, or prompts of another difficulty help.");
        }
        else if (figures.MeanMargin < SmallMargin)
        {
            yield return new(RemarkTone.Warning, Say($"The scores hardly differ: less than {SmallMargin} between the best and the worst response of a group on average. Advantages are relative to the group, so a job would learn from noise."));
        }
        else if (figures.ZeroSpreadShare > 0)
        {
            yield return new(RemarkTone.Good, $"{Percent(1 - figures.ZeroSpreadShare)} of the groups have spread to learn from; the other {Percent(figures.ZeroSpreadShare)} teach nothing.");
        }
        else
        {
            yield return new(RemarkTone.Good, Say($"Every group has spread to learn from, {figures.MeanMargin:0.##} between its best and its worst response on average."));
        }
    }

    private static IEnumerable<DryRunRemark> Baseline(DryRunStatistics figures)
    {
        if (figures.FullShare > SaturatedShare)
        {
            yield return new(RemarkTone.Bad, $"{Percent(figures.FullShare)} of the responses get the full reward already: there is nothing to gain. Use harder prompts, or ask for more.");
        }
        else if (figures.Mean > SaturatedShare && figures.Highest <= 1)
        {
            // A judge's probability comes close to 1 and never reaches it.
            yield return new(RemarkTone.Bad, Say($"The mean score is {figures.Mean:0.##} already: there is nothing to gain. Use harder prompts, or a stricter reward."));
        }
        else if (figures.FullShare <= 0 && figures.Highest <= 0)
        {
            yield return new(RemarkTone.Bad, "No response gets more than 0: the baseline is 0 %, and there is no signal to begin with. Use easier prompts, give credit for parts of an answer, or see whether the function reads the responses as they are written.");
        }
        else if (figures.FullShare <= 0)
        {
            yield return new(RemarkTone.Note, Say($"No response gets the full reward of 1; the highest score is {(figures.Highest is < 1 and > 0.999 ? 0.999 : figures.Highest):0.###}. A job can climb from there as long as scores differ."));
        }
        else
        {
            yield return new(RemarkTone.Note, $"The baseline: {Percent(figures.FullShare)} of the responses get the full reward.");
        }
    }

    private static IEnumerable<DryRunRemark> Responses(DryRunStatistics figures)
    {
        if (figures.TruncatedShare > ManyTruncated)
        {
            yield return new(RemarkTone.Warning, $"{Percent(figures.TruncatedShare)} of the responses ended at the limit of tokens, often before their answer: allow more tokens, or reward brevity.");
        }

        if (figures.Responses - figures.Failures - figures.Unjudged >= CorrelationNeeds && Math.Abs(figures.LengthCorrelation ?? 0) >= StrongCorrelation)
        {
            string what = figures.LengthCorrelation > 0 ? "longer" : "shorter";
            yield return new(RemarkTone.Warning, Say($"The score follows the length of the response (correlation {figures.LengthCorrelation:0.00}): a model may learn to write {what} responses and nothing else."));
        }
    }

    private static string Percent(double share) => Say($"{(share is > 0 and < 0.01 ? 1 : share > 0.99 && share < 1 ? 99 : Math.Round(100 * share)):0} %");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
