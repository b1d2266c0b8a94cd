using System.Text;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Rewards;

/// <summary>Hand-graded examples in the database, their records as lines of a training file.</summary>
internal sealed class GradedExamples(IDbContextFactory<ConsoleDbContext> contexts, IJobs jobs, ChangeFeed feed, TimeProvider time) : IGradedExamples
{
    public async Task<IReadOnlyList<GradedExample>> ListAsync(string rewardId, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<GradedExampleRow> rows = await context.GradedExamples.AsNoTracking().Where(row => row.FunctionId == rewardId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new GradedExample(row.Id, Read(row.RecordJson), row.Response, row.Grade))];
    }

    public async Task GradeAsync(string rewardId, TrainingRecord record, string response, double grade, CancellationToken cancellationToken = default)
    {
        if (!(grade >= 0 && grade <= 1))
        {
            throw new UserInputException(FormattableString.Invariant($"Grade: {grade} is outside its range of 0 to 1."));
        }

        string json = PlainRecord.ToJson(record);
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (!await context.RewardFunctions.AnyAsync(row => row.Id == rewardId, cancellationToken))
        {
            throw new UserInputException("This reward function has been deleted.");
        }

        if (await context.GradedExamples.SingleOrDefaultAsync(row => row.FunctionId == rewardId && row.RecordJson == json && row.Response == response, cancellationToken) is { } known)
        {
            known.Grade = grade;
        }
        else
        {
            context.GradedExamples.Add(new() { Id = NewId.Create(), FunctionId = rewardId, RecordJson = json, Response = response, Grade = grade, CreatedAt = time.GetUtcNow() });
        }

        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.Rewards, rewardId);
    }

    public async Task GradeAsync(string rewardId, string jobId, Rollout rollout, double grade, CancellationToken cancellationToken = default)
    {
        Dictionary<string, TrainingRecord> records = await jobs.FindAsync(jobId, cancellationToken) is { } job
            ? await Task.Run(() => RolloutRecords.Of(job, [rollout.RecordId], cancellationToken), cancellationToken)
            : [];
        await GradeAsync(rewardId, records.GetValueOrDefault(rollout.RecordId) ?? RolloutRecords.Plain(rollout), rollout.Completion, grade, cancellationToken);
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.GradedExamples.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        feed.Publish(ChangeTopic.Rewards);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Rewards, null, changed);

    private static TrainingRecord Read(string json)
    {
        using MemoryStream line = new(Encoding.UTF8.GetBytes(json));
        return TrainingRecordReader.Read(line, "example").Accepted is [var record, ..]
            ? record
            : throw new InvalidDataException($"The database holds no training record where one belongs: {json}");
    }
}
