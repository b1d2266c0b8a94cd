using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Starter;

namespace RftConsole.Web.Rewards;

/// <summary>Tries a job's reward function before the job.</summary>
public interface IRewardTrial
{
    /// <summary>Runs the probes on the first training records.</summary>
    /// <exception cref="UserInputException">The function or the data cannot be used.</exception>
    /// <exception cref="RewardInfrastructureException">The sandbox cannot be used.</exception>
    Task<ProbeReport> ProbeAsync(JobSpecification specification, CancellationToken cancellationToken = default);
}

/// <summary>Probes in the sandbox of this machine.</summary>
internal sealed class RewardTrial : IRewardTrial
{
    /// <summary>Off the caller's thread: a page must not stand still while the records are read.</summary>
    public Task<ProbeReport> ProbeAsync(JobSpecification specification, CancellationToken cancellationToken = default) =>
        Task.Run(() => RunAsync(specification, cancellationToken), cancellationToken);

    private static async Task<ProbeReport> RunAsync(JobSpecification specification, CancellationToken cancellationToken)
    {
        string? file = specification.TrainingData.File ?? SampleDataSets.All.FirstOrDefault(set => set.Name == specification.TrainingData.SampleData)?.TrainingFile;
        // A long file is read no further than the records that are probed.
        string[] lines = file is null || !File.Exists(file) ? [] : [.. File.ReadLines(file).Take(4 * RewardProbes.MostRecords)];
        using MemoryStream head = new(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        IReadOnlyList<TrainingRecord> records = TrainingRecordReader.Read(head, "trainingData", cancellationToken).Accepted;
        if (records.Count == 0)
        {
            return new([], 0, TimeSpan.Zero);
        }

        RewardOptions options = new() { BatchSize = specification.Hyperparameters.RewardBatchSize, FailureScore = specification.Hyperparameters.FailureScore, Retries = 0 };
        await using IRewardFunction reward = await RewardFunctions.CreateAsync(specification.RewardFunction, ".", options, cancellationToken);
        return await RewardProbes.RunAsync(reward, records, cancellationToken);
    }
}
