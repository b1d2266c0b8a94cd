using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>The rows of the jobs table. Every page asks for them (the bar above each shows what runs), and at every change: they are read once for all.</summary>
internal sealed class JobSummaries
{
    private readonly IDbContextFactory<ConsoleDbContext> _contexts;
    private readonly RunningJobs _running;
    private readonly JobDisk _disk;
    private readonly DataFolder _folder;
    private readonly SharedRead<IReadOnlyList<JobSummary>> _all;

    public JobSummaries(IDbContextFactory<ConsoleDbContext> contexts, RunningJobs running, JobDisk disk, DataFolder folder, ChangeFeed feed, TimeProvider time)
    {
        (_contexts, _running, _disk, _folder) = (contexts, running, disk, folder);
        _all = new(ReadAsync, feed, time);
    }

    /// <summary>Newest first; a job that did not change is the same object as the time before.</summary>
    public Task<IReadOnlyList<JobSummary>> AllAsync(CancellationToken cancellationToken) => _all.GetAsync(cancellationToken);

    /// <summary>The summary of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="positions">Places in the queue by job.</param>
    public JobSummary Of(JobRow row, Dictionary<string, int> positions) => JobMapping.ToSummary(
        row,
        new(_folder.JobFolder(row.Id)),
        _running.Find(row.Id)?.Clock,
        positions.TryGetValue(row.Id, out int position) ? position : null,
        _disk.Bytes(row.Id, changes: row.Status is JobStatus.InProgress or JobStatus.Stopping));

    private async Task<IReadOnlyList<JobSummary>> ReadAsync(IReadOnlyList<JobSummary>? before)
    {
        await using ConsoleDbContext context = await _contexts.CreateDbContextAsync();
        List<JobRow> rows = await WithoutLongTexts(context.Jobs.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.QueueNumber)).ToListAsync();
        Dictionary<string, int> positions = await JobQueue.PositionsAsync(context, CancellationToken.None);
        Dictionary<string, JobSummary> known = before?.ToDictionary(job => job.Id) ?? [];
        return [.. rows.Select(row => Of(row, positions)).Select(job => known.GetValueOrDefault(job.Id) is { } old && IsSame(old, job) ? old : job)];
    }

    /// <summary>Rows without specification and plan, which are most of their size and no part of a summary.</summary>
    private static IQueryable<JobRow> WithoutLongTexts(IQueryable<JobRow> rows) => rows.Select(row => new JobRow
    {
        Id = row.Id,
        Name = row.Name,
        CustomModelName = row.CustomModelName,
        BaseModel = row.BaseModel,
        RewardName = row.RewardName,
        Status = row.Status,
        PauseRequested = row.PauseRequested,
        PhasesJson = row.PhasesJson,
        CreatedAt = row.CreatedAt,
        StartedAt = row.StartedAt,
        FinishedAt = row.FinishedAt,
        StepsDone = row.StepsDone,
        TotalSteps = row.TotalSteps,
        BaselineAccuracy = row.BaselineAccuracy,
        BestAccuracy = row.BestAccuracy,
        Message = row.Message,
        ModelId = row.ModelId,
        TagsJson = row.TagsJson,
        SpecificationJson = "",
    });

    /// <summary>A record compares a dictionary by reference.</summary>
    private static bool IsSame(JobSummary one, JobSummary other) =>
        one with { Tags = other.Tags } == other && one.Tags.Count == other.Tags.Count && one.Tags.All(tag => other.Tags.TryGetValue(tag.Key, out string? value) && value == tag.Value);
}
