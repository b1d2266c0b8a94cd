using System.Text;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Rewards;

/// <summary>Hand-graded examples in the database, their records as lines of a training file.</summary>
internal sealed class GradedExamples(IDbContextFactory<ConsoleDbContext> contexts, IJobs jobs, EncryptionKeys keys, DataFolder folder, ChangeFeed feed, TimeProvider time) : IGradedExamples
{
    public async Task<IReadOnlyList<GradedExample>> ListAsync(string rewardId, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<GradedExampleRow> rows = await context.GradedExamples.AsNoTracking().Where(row => row.FunctionId == rewardId).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancellationToken);
        RowTexts texts = new(folder.ExampleFolder(rewardId));
        return [.. rows.Select(row => new GradedExample(row.Id, Read(Record(texts, row)), Response(texts, row), row.Grade))];
    }

    public Task GradeAsync(string rewardId, TrainingRecord record, string response, double grade, CancellationToken cancellationToken = default) => GradeAsync(rewardId, record, response, grade, null, cancellationToken);

    private async Task GradeAsync(string rewardId, TrainingRecord record, string response, double grade, string? key, CancellationToken cancellationToken)
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

        RowTexts texts = await TextsAsync(rewardId, key, cancellationToken);
        List<GradedExampleRow> all = texts.AreSealed
            ? await context.GradedExamples.Where(row => row.FunctionId == rewardId).ToListAsync(cancellationToken)
            : await context.GradedExamples.Where(row => row.FunctionId == rewardId && row.RecordJson == json && row.Response == response).ToListAsync(cancellationToken);
        if (all.FirstOrDefault(row => Record(texts, row) == json && Response(texts, row) == response) is { } known)
        {
            known.Grade = grade;
        }
        else
        {
            string id = NewId.Create();
            context.GradedExamples.Add(new() { Id = id, FunctionId = rewardId, RecordJson = texts.Seal(RecordPlace(id), json), Response = texts.Seal(ResponsePlace(id), response), Grade = grade, CreatedAt = time.GetUtcNow() });
        }

        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.Rewards, rewardId);
    }

    public async Task GradeAsync(string rewardId, string jobId, Rollout rollout, double grade, CancellationToken cancellationToken = default)
    {
        Dictionary<string, TrainingRecord> records = await jobs.FindAsync(jobId, cancellationToken) is { } job
            ? await Task.Run(() => RolloutRecords.Of(job, [rollout.RecordId], cancellationToken), cancellationToken)
            : [];
        await GradeAsync(rewardId, records.GetValueOrDefault(rollout.RecordId) ?? RolloutRecords.Plain(rollout), rollout.Completion, grade, WrappedKey.Read(folder.JobFolder(jobId))?.Key, cancellationToken);
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.GradedExamples.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        feed.Publish(ChangeTopic.Rewards);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Rewards, null, changed);

    private static string Record(RowTexts texts, GradedExampleRow row) => texts.Open(RecordPlace(row.Id), row.RecordJson);

    private static string Response(RowTexts texts, GradedExampleRow row) => texts.Open(ResponsePlace(row.Id), row.Response);

    private static string RecordPlace(string id) => $"GradedExamples/{id}/Record";

    private static string ResponsePlace(string id) => $"GradedExamples/{id}/Response";

    /// <summary>From the first example of an encrypted job on, or where new data sets are encrypted, those of a function are encrypted too.</summary>
    private async Task<RowTexts> TextsAsync(string rewardId, string? key, CancellationToken cancellationToken)
    {
        string examples = folder.ExampleFolder(rewardId);
        if (WrappedKey.Read(examples) is null && (key ?? await keys.DefaultAsync(cancellationToken)) is { } wanted)
        {
            await SealedFolders.CreateAsync(examples, keys.Store, wanted, cancellationToken);
        }

        return new(examples);
    }

    private static TrainingRecord Read(string json)
    {
        using MemoryStream line = new(Encoding.UTF8.GetBytes(json));
        return TrainingRecordReader.Read(line, "example").Accepted is [var record, ..]
            ? record
            : throw new InvalidDataException($"The database holds no training record where one belongs: {json}");
    }
}
