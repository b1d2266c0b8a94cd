using System.Diagnostics;
using System.Globalization;

using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>
/// Tries a reward function on responses whose worth is known without a model: what it pays for the wrong ones is what a policy will learn to write.
/// </summary>
public static class RewardProbes
{
    private const string NeverJudged = "The function gives no verdict on any response: {0}";
    private const string NothingForReference = "It pays nothing for the reference answer, in whatever format ({0}).";
    private const string FailsForReference = "It pays nothing for the reference answer, in whatever format ({0}) ({1}).";

    /// <summary>Records that are probed; more would find the same.</summary>
    public const int MostRecords = 6;

    /// <summary>A wrong response is paid for where it gets this share of what the reference answer gets: below it lies credit for a format.</summary>
    private const double PaidShare = 0.5;

    /// <summary>A response that only breaks off may keep some credit for what it holds.</summary>
    private const double PaidShareOfHalf = 0.9;

    /// <summary>What counts as full reward where a record has no reference answer to compare with.</summary>
    private const double FullScore = 1;

    private const double Tolerance = 1e-9;

    /// <summary>Runs all probes of the first records.</summary>
    /// <param name="reward">The function.</param>
    /// <param name="records">Real prompts with their reference answers.</param>
    /// <param name="cancellationToken">Ends the probing.</param>
    /// <exception cref="RewardInfrastructureException">The function could not be reached.</exception>
    public static async Task<ProbeReport> RunAsync(IRewardFunction reward, IReadOnlyList<TrainingRecord> records, CancellationToken cancellationToken)
    {
        TrainingRecord[] probed = [.. records.Take(MostRecords)];
        Probe[][] probes = [.. probed.Select((record, index) => ProbeResponses.Of(record, probed[(index + 1) % probed.Length].ReferenceAnswer).ToArray())];
        RewardSample[] samples = [.. probes.SelectMany((group, record) => group.Select((probe, index) => Grading.Sample(probed[record], index, probe.Response)))];
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<RewardResult> results = await reward.ScoreAsync(samples, cancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        int next = 0;
        Scored[][] scored = [.. probes.Select(group => group.Select(probe => new Scored(probe, results[next++])).ToArray())];
        List<ProbeFinding> findings = Judge(scored);
        return new(findings, samples.Length, elapsed) { Rows = Rows(scored, findings) };
    }

    private static ProbeRow[] Rows(Scored[][] records, List<ProbeFinding> findings) =>
    [
        .. records.SelectMany(record => record).GroupBy(probe => probe.Probe.Kind).OrderBy(kind => kind.Key).Select(kind =>
        {
            Scored[] graded = [.. kind.Where(probe => probe.Result is { Error: null, IsJudged: true })];
            return new ProbeRow(
                kind.Key,
                Title(kind.Key),
                kind.Count(),
                kind.Count() - graded.Length,
                graded.Length == 0 ? null : graded.Min(probe => probe.Score),
                graded.Length == 0 ? null : graded.Max(probe => probe.Score),
                (graded.MaxBy(probe => probe.Score) ?? kind.First()).Probe.Response,
                findings.Find(finding => finding.Kind == kind.Key));
        }),
    ];

    private static List<ProbeFinding> Judge(Scored[][] records)
    {
        List<ProbeFinding> findings = [];
        Scored[] all = [.. records.SelectMany(record => record)];
        if (all.Length > 0 && all.All(probe => probe.Result.Error is not null || !probe.Result.IsJudged))
        {
            Scored said = Array.Find(all, probe => probe.Probe.Kind == ProbeKind.ReferenceAnswer) ?? all[0];
            return [said.Finding(new(said.Result.IsJudged ? DryRunRemarks.FailsAlways : NeverJudged, said.Result.Error ?? said.Result.Unjudged), null)];
        }

        if (Unpaid(records) is { } unpaid)
        {
            findings.Add(unpaid);
        }

        foreach (ProbeKind kind in Enum.GetValues<ProbeKind>().Where(kind => kind != ProbeKind.ReferenceAnswer))
        {
            // Single coincidences are no fault: a prompt may hold its own answer.
            Scored?[] paid = [.. records.Where(record => record.Any(probe => probe.Probe.Kind == kind)).Select(record => Paid(record, kind))];
            if (paid.OfType<Scored>().FirstOrDefault() is { } first && paid.Count(probe => probe is not null) * 2 > paid.Length)
            {
                double? reference = Reference(records.First(record => record.Contains(first)));
                findings.Add(first.Finding(reference is { } most ? new(PaysBeside(kind), Number(first.Score), Number(most)) : new(Pays(kind), Number(first.Score)), reference));
            }
        }

        return findings;
    }

    /// <summary>The reference answer that is not paid for in any format, in most of the records that have one.</summary>
    private static ProbeFinding? Unpaid(Scored[][] records)
    {
        Scored[][] referenced = [.. records.Where(record => Reference(record) is not null)];
        Scored[][] unpaid = [.. referenced.Where(record => Reference(record) <= 0)];
        if (unpaid.Length * 2 <= referenced.Length || unpaid.Length == 0)
        {
            return null;
        }

        Scored first = unpaid[0].First(probe => probe.Probe.Kind == ProbeKind.ReferenceAnswer);
        return first.Finding(first.Result.Error is { } error ? new(FailsForReference, Number(first.Score), error) : new(NothingForReference, Number(first.Score)), Reference(unpaid[0]));
    }

    /// <summary>The highest paid response of a kind, where it is paid for at all.</summary>
    private static Scored? Paid(Scored[] record, ProbeKind kind)
    {
        double? reference = Reference(record);
        double limit = reference switch
        {
            null => FullScore,
            { } full when kind == ProbeKind.Repeated => full + Tolerance,
            { } full when kind == ProbeKind.CutInHalf => PaidShareOfHalf * full,
            { } full => PaidShare * full,
        };
        Scored? most = record.Where(probe => probe.Probe.Kind == kind && probe.Result.Error is null && probe.Result.IsJudged).MaxBy(probe => probe.Score);
        // A function that never pays is a finding of its own, and not one that can be gamed.
        return most is not null && most.Score > 0 && most.Score >= limit ? most : null;
    }

    private static double? Reference(Scored[] record) =>
        record.Where(probe => probe.Probe.Kind == ProbeKind.ReferenceAnswer).Select(probe => (double?)probe.Score).Max();

    /// <summary>What a kind of response is, as a heading.</summary>
    public static string Title(ProbeKind kind)
    {
        string described = kind switch
        {
            ProbeKind.ReferenceAnswer => "the reference answer",
            ProbeKind.Repeated => "the answer repeated twelve times",
            _ => Describe(kind),
        };
        return char.ToUpperInvariant(described[0]) + described[1..];
    }

    /// <summary>All that a finding can say, with places for the figures: for translations.</summary>
    public static IReadOnlyList<string> Phrases { get; } =
    [
        DryRunRemarks.FailsAlways, NeverJudged, NothingForReference, FailsForReference, .. Enum.GetValues<ProbeKind>().Where(kind => kind != ProbeKind.ReferenceAnswer).SelectMany(kind => new[] { Pays(kind), PaysBeside(kind) }),
    ];

    private static string Pays(ProbeKind kind) => $"It pays {{0}} for {Describe(kind)}.";

    private static string PaysBeside(ProbeKind kind) => $"It pays {{0}} for {Describe(kind)}; the reference answer gets {{1}}.";

    private static string Number(double score) => score.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Describe(ProbeKind kind) => kind switch
    {
        ProbeKind.Empty => "an empty response",
        ProbeKind.PromptCopied => "the prompt copied back",
        ProbeKind.CutInHalf => "a response that breaks off half-way",
        ProbeKind.Repeated => "the answer repeated twelve times, more than for the answer given once",
        ProbeKind.WrongAnswer => "a wrong answer in the right format",
        ProbeKind.LongFiller => "long filler that says nothing",
        _ => "a refusal",
    };

    private sealed record Scored(Probe Probe, RewardResult Result)
    {
        public double Score => Result.Error is null && Result.IsJudged ? Result.Score : 0;

        public ProbeFinding Finding(Saying saying, double? reference) => new(Probe.Kind, saying, Probe.RecordId, Probe.Response, Score, reference);
    }
}
