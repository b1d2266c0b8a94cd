using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Starter;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>The records that a job's rollouts answered, whole: a rollout alone knows the prompt's last message only.</summary>
internal static class RolloutRecords
{
    /// <summary>Records of the job's own copy of its data, by id; without those that are gone.</summary>
    public static Dictionary<string, TrainingRecord> Of(JobDetails job, HashSet<string> ids, CancellationToken cancellationToken)
    {
        string? file = FileOf(job.Specification.TrainingData);
        return file is null || !File.Exists(file)
            ? []
            : TrainingRecordReader.Read(file, cancellationToken).Accepted.Where(record => ids.Contains(record.Id)).DistinctBy(record => record.Id).ToDictionary(record => record.Id);
    }

    /// <summary>What a rollout itself knows of its record.</summary>
    public static TrainingRecord Plain(Rollout rollout) => PlainRecord.Of(rollout.RecordId, rollout.Prompt, rollout.ReferenceAnswer ?? "");

    /// <summary>The file of a data source; null where it has none on this machine.</summary>
    public static string? FileOf(TrainingDataSource data) => data.File ?? SampleDataSets.All.FirstOrDefault(set => set.Name == data.SampleData)?.TrainingFile;
}
