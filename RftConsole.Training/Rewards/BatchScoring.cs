using System.Text.Json;

namespace RftConsole.Training.Rewards;

/// <summary>How one call of a reward function ended: with a value, or with an error of the user's code.</summary>
/// <param name="Value">What it returned; undefined where <paramref name="Error"/> is set.</param>
/// <param name="Error">Why it returned nothing.</param>
/// <param name="Output">What it printed.</param>
public sealed record RewardReply(JsonElement Value, string? Error, string Output)
{
    /// <summary>What of it belongs to each sample, in the order in which they were sent; null where nobody can tell.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }
}

/// <summary>
/// The part of the contract that does not depend on where the function runs: samples go out in batches, a batch that fails is
/// run again sample by sample, and the samples that still fail get the failure score and the error.
/// </summary>
public static class BatchScoring
{
    /// <param name="samples">Any number of samples, with unique ids.</param>
    /// <param name="options">Batch size and failure score.</param>
    /// <param name="call">Calls the function once. Infrastructure that fails is an exception.</param>
    /// <param name="cancellationToken">Ends the scoring between or during calls.</param>
    /// <param name="concurrency">Batches under way at a time; the results are in the samples' order all the same.</param>
    public static async Task<IReadOnlyList<RewardResult>> ScoreAsync(
        IReadOnlyList<RewardSample> samples,
        RewardOptions options,
        Func<IReadOnlyList<RewardSample>, CancellationToken, Task<RewardReply>> call,
        CancellationToken cancellationToken,
        int concurrency = 1)
    {
        RequireUniqueIds(samples);
        RewardSample[][] batches = [.. samples.Chunk(options.BatchSize)];
        IReadOnlyList<RewardResult>[] results = new IReadOnlyList<RewardResult>[batches.Length];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches.Index(), parallel, async (entry, token) => results[entry.Index] = await ScoreBatchAsync(entry.Item, options, call, token));
        return [.. results.SelectMany(batch => batch)];
    }

    private static async Task<IReadOnlyList<RewardResult>> ScoreBatchAsync(
        RewardSample[] batch,
        RewardOptions options,
        Func<IReadOnlyList<RewardSample>, CancellationToken, Task<RewardReply>> call,
        CancellationToken cancellationToken)
    {
        Graded graded = await CallAsync(batch, options, call, cancellationToken);
        if (!graded.Failed || batch.Length == 1)
        {
            return graded.Results;
        }

        List<RewardResult> results = new(batch.Length);
        foreach (RewardSample sample in batch)
        {
            results.AddRange((await CallAsync([sample], options, call, cancellationToken)).Results);
        }

        return results;
    }

    private static async Task<Graded> CallAsync(
        RewardSample[] batch,
        RewardOptions options,
        Func<IReadOnlyList<RewardSample>, CancellationToken, Task<RewardReply>> call,
        CancellationToken cancellationToken)
    {
        RewardReply reply = await call(batch, cancellationToken);
        string[] ids = [.. batch.Select(sample => sample.Id)];
        string? failure = reply.Error;
        IReadOnlyList<SampleGrade> grades = failure is null
            ? RewardResponse.Read(reply.Value, ids, out failure)
            : [.. ids.Select(id => new SampleGrade(id, 0, [], failure, null))];
        // With one sample, an entry too many spoils the grade as well: nobody can say which one was meant.
        string? ofAll = batch.Length == 1 ? failure : null;
        RewardResult[] results = [.. grades.Select((grade, index) => ToResult(grade, grade.Error ?? ofAll, options, reply.Outputs?[index] ?? reply.Output))];
        return new(results, failure is not null || results.Any(result => result.Error is not null));
    }

    private static RewardResult ToResult(SampleGrade grade, string? error, RewardOptions options, string output) => error is null
        ? new(grade.Id, grade.Score, grade.Metrics, null, output) { Warning = grade.Warning }
        : new(grade.Id, options.FailureScore, [], error, output);

    private static void RequireUniqueIds(IReadOnlyList<RewardSample> samples)
    {
        HashSet<string> seen = new(samples.Count);
        foreach (RewardSample sample in samples)
        {
            if (!seen.Add(sample.Id))
            {
                throw new ArgumentException($"Two samples have the id '{sample.Id}'; ids must be unique within a call.", nameof(samples));
            }
        }
    }

    private sealed record Graded(IReadOnlyList<RewardResult> Results, bool Failed);
}
