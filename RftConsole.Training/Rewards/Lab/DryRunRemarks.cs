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
/// <param name="Tone">How much it matters.</param>
/// <param name="Saying">The sentence with its figures.</param>
public sealed record DryRunRemark(RemarkTone Tone, Saying Saying)
{
    /// <summary>The sentence in English.</summary>
    public string Text => Saying.Text;
}

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

    /// <summary>Probes find the same.</summary>
    internal const string FailsAlways = "The function fails on every response: {0}";
    private const string NeverJudged = "The judge gives no verdict on any response: its answers cannot be read.";
    private const string FailuresStop = "{0} of {1} responses could not be graded; a job stops where more than half of a step fails. The first: {2}";
    private const string FailuresScored = "{0} of {1} responses could not be graded; in a job they get the failure score. The first: {2}";
    private const string UnjudgedPause = "The judge gave no verdict on {0} of {1} responses; a job pauses where more than a tenth of a step has none.";
    private const string UnjudgedLeftOut = "The judge gave no verdict on {0} of {1} responses; in a job they are left out of their groups.";
    private const string OutOfRange = "{0} of the scores lie outside -1 to 1 ({1} to {2}); the advantages are scaled by group, so large scores gain nothing.";
    private const string OneResponse = "With one response to a prompt nothing can be said about the spread inside a group, which is what a job learns from.";
    private const string AllTheSame = "Every response gets {0}: no group has any spread, and a job would learn nothing.";
    private const string NoSpread = "No group has any spread: each prompt's responses get the same score, and a job would learn nothing.";
    private const string LittleSpread = "{0} of the groups have no spread: these teach nothing. A finer score, more responses to a prompt, or prompts of another difficulty help.";
    private const string HardlyDiffers = "The scores hardly differ: less than {0} between the best and the worst response of a group on average. Advantages are relative to the group, so a job would learn from noise.";
    private const string SomeSpread = "{0} of the groups have spread to learn from; the other {1} teach nothing.";
    private const string FullSpread = "Every group has spread to learn from, {0} between its best and its worst response on average.";
    private const string Saturated = "{0} of the responses get the full reward already: there is nothing to gain. Use harder prompts, or ask for more.";
    private const string HighMean = "The mean score is {0} already: there is nothing to gain. Use harder prompts, or a stricter reward.";
    private const string NoSignal = "No response gets more than 0: the baseline is 0 %, and there is no signal to begin with. Use easier prompts, give credit for parts of an answer, or see whether the function reads the responses as they are written.";
    private const string NoneFull = "No response gets the full reward of 1; the highest score is {0}. A job can climb from there as long as scores differ.";
    private const string BaselineShare = "The baseline: {0} of the responses get the full reward.";
    private const string CutOff = "{0} of the responses ended at the limit of tokens, often before their answer: allow more tokens, or reward brevity.";
    private const string FollowsLength = "The score follows the length of the response (correlation {0}): a model may learn to write longer responses and nothing else.";
    private const string FollowsBrevity = "The score follows the length of the response (correlation {0}): a model may learn to write shorter responses and nothing else.";

    /// <summary>All that can be said, with places for the figures: for translations.</summary>
    public static IReadOnlyList<string> Phrases { get; } =
    [
        FailsAlways, NeverJudged, FailuresStop, FailuresScored, UnjudgedPause, UnjudgedLeftOut,
        OutOfRange, OneResponse, AllTheSame, NoSpread, LittleSpread, HardlyDiffers,
        SomeSpread, FullSpread, Saturated, HighMean, NoSignal, NoneFull,
        BaselineShare, CutOff, FollowsLength, FollowsBrevity,
    ];

    /// <summary>The worst first.</summary>
    public static IReadOnlyList<DryRunRemark> Of(DryRunStatistics figures) =>
        figures.Responses == 0 ? [] : [.. All(figures).OrderByDescending(remark => remark.Tone)];

    private static IEnumerable<DryRunRemark> All(DryRunStatistics figures)
    {
        if (figures.Failures == figures.Responses)
        {
            yield return new(RemarkTone.Bad, new(FailsAlways, figures.FirstFailure));
            yield break;
        }

        if (figures.Failures + figures.Unjudged == figures.Responses)
        {
            yield return new(RemarkTone.Bad, new(NeverJudged));
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
            yield return new(stops ? RemarkTone.Bad : RemarkTone.Warning, new(stops ? FailuresStop : FailuresScored, figures.Failures, figures.Responses, figures.FirstFailure));
        }

        if (figures.Unjudged > 0)
        {
            bool pauses = figures.Unjudged > PausingVerdicts * figures.Responses;
            yield return new(pauses ? RemarkTone.Bad : RemarkTone.Warning, new(pauses ? UnjudgedPause : UnjudgedLeftOut, figures.Unjudged, figures.Responses));
        }

        if (figures.OutOfRange > 0)
        {
            yield return new(RemarkTone.Warning, new(OutOfRange, figures.OutOfRange, Say($"{figures.Lowest:0.###}"), Say($"{figures.Highest:0.###}")));
        }
    }

    /// <summary>A policy learns from differences inside a group, and from nothing else.</summary>
    private static IEnumerable<DryRunRemark> Signal(DryRunStatistics figures)
    {
        if (figures.ComparedGroups == 0)
        {
            yield return new(RemarkTone.Note, new(OneResponse));
        }
        else if (figures.ZeroSpreadShare >= 1)
        {
            yield return new(RemarkTone.Bad, figures.StandardDeviation <= 1e-9 ? new(AllTheSame, Say($"{figures.Mean:0.###}")) : new(NoSpread));
        }
        else if (figures.ZeroSpreadShare > ManyWithoutSpread)
        {
            yield return new(RemarkTone.Warning, new(LittleSpread, Percent(figures.ZeroSpreadShare)));
        }
        else if (figures.MeanMargin < SmallMargin)
        {
            yield return new(RemarkTone.Warning, new(HardlyDiffers, Say($"{SmallMargin}")));
        }
        else if (figures.ZeroSpreadShare > 0)
        {
            yield return new(RemarkTone.Good, new(SomeSpread, Percent(1 - figures.ZeroSpreadShare), Percent(figures.ZeroSpreadShare)));
        }
        else
        {
            yield return new(RemarkTone.Good, new(FullSpread, Say($"{figures.MeanMargin:0.##}")));
        }
    }

    private static IEnumerable<DryRunRemark> Baseline(DryRunStatistics figures)
    {
        if (figures.FullShare > SaturatedShare)
        {
            yield return new(RemarkTone.Bad, new(Saturated, Percent(figures.FullShare)));
        }
        else if (figures.Mean > SaturatedShare && figures.Highest <= 1)
        {
            // A judge's probability comes close to 1 and never reaches it.
            yield return new(RemarkTone.Bad, new(HighMean, Say($"{figures.Mean:0.##}")));
        }
        else if (figures.FullShare <= 0 && figures.Highest <= 0)
        {
            yield return new(RemarkTone.Bad, new(NoSignal));
        }
        else if (figures.FullShare <= 0)
        {
            yield return new(RemarkTone.Note, new(NoneFull, Say($"{(figures.Highest is < 1 and > 0.999 ? 0.999 : figures.Highest):0.###}")));
        }
        else
        {
            yield return new(RemarkTone.Note, new(BaselineShare, Percent(figures.FullShare)));
        }
    }

    private static IEnumerable<DryRunRemark> Responses(DryRunStatistics figures)
    {
        if (figures.TruncatedShare > ManyTruncated)
        {
            yield return new(RemarkTone.Warning, new(CutOff, Percent(figures.TruncatedShare)));
        }

        if (figures.Responses - figures.Failures - figures.Unjudged >= CorrelationNeeds && Math.Abs(figures.LengthCorrelation ?? 0) >= StrongCorrelation)
        {
            yield return new(RemarkTone.Warning, new(figures.LengthCorrelation > 0 ? FollowsLength : FollowsBrevity, Say($"{figures.LengthCorrelation:0.00}")));
        }
    }

    private static string Percent(double share) => Say($"{(share is > 0 and < 0.01 ? 1 : share > 0.99 && share < 1 ? 99 : Math.Round(100 * share)):0} %");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
