using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Starter;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Evaluation;

/// <summary>Reads what a job held out of its own copy of the data, by the job's own rule.</summary>
internal sealed class ValidationSets(IJobs jobs) : IValidationSets
{
    public async Task<IReadOnlyList<ValidationSource>> ListAsync(CancellationToken cancellationToken = default) =>
    [
        .. (await jobs.ListAsync(cancellationToken)).Select(job => new ValidationSource(ValidationSource.JobPrefix + job.Id, job.Name)),
        .. SampleDataSets.All.Select(Source),
    ];

    public async Task<ValidationSet> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        if (id.StartsWith(ValidationSource.JobPrefix, StringComparison.Ordinal))
        {
            JobDetails job = await jobs.FindAsync(id[ValidationSource.JobPrefix.Length..], cancellationToken) ?? throw new UserInputException("The job of these validation prompts is gone: choose others.");
            return await Task.Run(() => OfJob(id, job), cancellationToken);
        }

        SampleDataSet? sample = SampleDataSets.All.FirstOrDefault(set => ValidationSource.SamplePrefix + set.Name == id);
        return sample is null ? throw new UserInputException($"There are no validation prompts \"{id}\".") : await Task.Run(() => OfSample(sample, cancellationToken), cancellationToken);
    }

    private static ValidationSource Source(SampleDataSet set) => new(ValidationSource.SamplePrefix + set.Name, set.Title);

    private static ValidationSet OfJob(string id, JobDetails job)
    {
        JobSpecification specification = job.Specification;
        if (specification.TrainingData is { File: null, SampleData: null })
        {
            // It was fetched from elsewhere when the job first ran.
            string fetched = new JobFolder(job.Folder).TrainingData;
            specification = File.Exists(fetched)
                ? specification with { TrainingData = new() { File = fetched } }
                : throw new UserInputException($"The job {job.Summary.Name} has not fetched its data yet.");
        }

        IReadOnlyList<TrainingRecord> records = JobRecords.Read(specification).Validation;
        Hyperparameters resolved = job.Plan?.Hyperparameters ?? specification.Hyperparameters;
        return new(new(id, job.Summary.Name), records.Count > 0 ? records : throw new UserInputException($"The job {job.Summary.Name} holds out no validation prompts."), specification.RewardFunction)
        {
            RewardName = job.Summary.RewardName,
            IsCostly = RewardTypes.IsCostly(specification.RewardFunction),
            RewardBatchSize = resolved.RewardBatchSize,
            FailureScore = resolved.FailureScore,
            AccuracyThreshold = resolved.AccuracyThreshold ?? RewardSpecificationRules.AccuracyThreshold(specification.RewardFunction),
            MaxTokens = resolved.InferenceMaxTokens,
            Effort = resolved.ReasoningEffort,
            Isolation = specification.NetworkIsolation,
        };
    }

    private static ValidationSet OfSample(SampleDataSet set, CancellationToken cancellationToken)
    {
        SampleTask task = SampleTasks.All.First(task => task.Data.Name == set.Name);
        return new(Source(set), TrainingRecordReader.Read(set.TestFile, cancellationToken).Accepted, task.RewardFunction)
        {
            RewardName = RewardTemplates.Find(set.RewardTemplate)!.Title,
            IsCostly = RewardTypes.IsCostly(task.RewardFunction),
            AccuracyThreshold = RewardSpecificationRules.AccuracyThreshold(task.RewardFunction),
            MaxTokens = task.Hyperparameters.InferenceMaxTokens,
        };
    }
}
