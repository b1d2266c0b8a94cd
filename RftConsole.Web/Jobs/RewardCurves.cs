using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>
/// The training rewards of many jobs in a few points each. Of a long job every 2^n-th step is looked up by its key, so that a job of 10,000 steps costs no more than
/// one of fifty, and its points stay where they are while it grows; what was read is kept until the job has made another step.
/// </summary>
internal sealed class RewardCurves(IDbContextFactory<ConsoleDbContext> contexts)
{
    /// <summary>More points than this are thinned out to half of them.</summary>
    internal const int MostPoints = 48;

    private readonly ConcurrentDictionary<string, Curve> _known = new();

    /// <inheritdoc cref="IJobs.RewardCurvesAsync"/>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>>> ReadAsync(IReadOnlyCollection<JobSummary> jobs, CancellationToken cancellationToken)
    {
        JobSummary[] changed = [.. jobs.Where(job => job.StepsDone > 0 && !(_known.TryGetValue(job.Id, out Curve? known) && known.StepsDone == job.StepsDone))];
        if (changed.Length > 0)
        {
            ILookup<string, RewardPoint> points = await LookUpAsync(changed, cancellationToken);
            foreach (JobSummary job in changed)
            {
                _known[job.Id] = new(job.StepsDone, [.. points[job.Id].OrderBy(point => point.Step)]);
            }
        }

        return jobs.ToDictionary(job => job.Id, job => job.StepsDone > 0 && _known.TryGetValue(job.Id, out Curve? curve) ? curve.Points : []);
    }

    /// <summary>The job is gone.</summary>
    public void Forget(string id) => _known.TryRemove(id, out _);

    /// <summary>The steps of a curve: the first, the last, and those between them that a power of two divides.</summary>
    internal static IEnumerable<int> StepsOf(int stepsDone)
    {
        int stride = 1;
        while (stepsDone / stride > MostPoints)
        {
            stride *= 2;
        }

        return Enumerable.Range(1, stepsDone / stride).Select(index => index * stride).Prepend(1).Append(stepsDone).Distinct();
    }

    private async Task<ILookup<string, RewardPoint>> LookUpAsync(JobSummary[] jobs, CancellationToken cancellationToken)
    {
        string wanted = JsonSerializer.Serialize(jobs.SelectMany(job => StepsOf(job.StepsDone).Select(step => new object[] { job.Id, step })));
        string path = "$." + MetricNames.Reward;
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        // One key after the other: the cross join keeps SQLite from reading the metrics whole. A step that nobody could grade has no reward.
        List<Reading> readings = await context.Database.SqlQuery<Reading>(
            $"""
            SELECT metric."JobId", metric."Step", CAST(metric."ValuesJson" ->> {path} AS REAL) AS "Reward"
            FROM json_each({wanted}) AS wanted
            CROSS JOIN "Metrics" AS metric ON metric."JobId" = wanted.value ->> 0 AND metric."Step" = wanted.value ->> 1
            WHERE json_type(metric."ValuesJson", {path}) IN ('integer', 'real')
            """).ToListAsync(cancellationToken);
        return readings.ToLookup(reading => reading.JobId, reading => new RewardPoint(reading.Step, reading.Reward));
    }

    private sealed record Curve(int StepsDone, IReadOnlyList<RewardPoint> Points);

    private sealed class Reading
    {
        public required string JobId { get; init; }

        public int Step { get; init; }

        public double Reward { get; init; }
    }
}
