using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Training.Jobs;
using RftConsole.Web;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Fakes;

/// <summary>Writes ended jobs into a data folder, with metrics as real ones would have them: for looking at lists of many.</summary>
internal static class ManyJobs
{
    private static readonly JobStatus[] s_statuses = [JobStatus.Completed, JobStatus.Completed, JobStatus.Completed, JobStatus.Failed, JobStatus.Stopped, JobStatus.Paused];

    private static readonly string[] s_models = ["starter", "SmolLM2-135M-Instruct"];

    /// <summary>Adds the jobs <c>run-1</c>, the oldest, to <c>run-N</c>; the folder must not be in use.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="count">How many.</param>
    /// <param name="steps">Steps of each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task AddAsync(string data, int count, int steps, CancellationToken cancellationToken)
    {
        using DataFolder folder = DataFolder.Open(data);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddConsoleServices(folder);
        await using ServiceProvider provider = services.BuildServiceProvider();
        await using ConsoleDbContext context = await provider.GetRequiredService<IDbContextFactory<ConsoleDbContext>>().CreateDbContextAsync(cancellationToken);
        await context.Database.MigrateAsync(cancellationToken);
        context.ChangeTracker.AutoDetectChangesEnabled = false;
        Random random = new(7);
        for (int number = 1; number <= count; number++)
        {
            context.Jobs.Add(Row(number, count, steps));
            context.Metrics.AddRange(Enumerable.Range(1, steps).Select(step => new JobMetricRow { JobId = $"job{number}", Step = step, ValuesJson = StoredJson.Write(LargeJob.Metrics(step, steps, random)) }));
            await context.SaveChangesAsync(cancellationToken);
            context.ChangeTracker.Clear();
        }
    }

    private static JobRow Row(int number, int count, int steps)
    {
        string name = $"run-{number}";
        DateTimeOffset created = DateTimeOffset.UtcNow.AddHours(number - count - 1);
        JobStatus status = s_statuses[number % s_statuses.Length];
        JobSpecification specification = new()
        {
            Name = name,
            CustomModelName = name + "-tuned",
            BaseModel = s_models[number % s_models.Length],
            TrainingData = new() { SampleData = "arithmetic" },
            RewardFunction = new() { Template = "math-reasoning" },
        };
        return new()
        {
            Id = $"job{number}",
            Name = name,
            CustomModelName = specification.CustomModelName,
            BaseModel = specification.BaseModel,
            RewardName = "Mathematical reasoning with ground truth verification",
            Status = status,
            QueueNumber = number,
            SpecificationJson = StoredJson.Write(specification),
            PhasesJson = StoredJson.Write(new Dictionary<JobPhase, PhaseStatus>
            {
                [JobPhase.Validation] = PhaseStatus.Completed,
                [JobPhase.DataProcessing] = PhaseStatus.Completed,
                [JobPhase.Training] = status switch { JobStatus.Completed => PhaseStatus.Completed, JobStatus.Failed => PhaseStatus.Failed, _ => PhaseStatus.Stopped },
            }),
            TagsJson = StoredJson.Write(number % 3 == 0 ? new Dictionary<string, string> { ["team"] = number % 2 == 0 ? "maths" : "support" } : []),
            CreatedAt = created,
            StartedAt = created,
            FinishedAt = created.AddMinutes(1 + (number % 50)),
            StepsDone = steps,
            TotalSteps = steps,
            BaselineAccuracy = 0.2,
            BestAccuracy = 0.3 + (number % 7 / 10.0),
        };
    }
}
