using System.Globalization;

using RftConsole.Training;
using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.DataSets;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>What the wizard's address names to begin with; null for each thing that it does not.</summary>
/// <param name="Model">A base model, or a tuned one by its <see cref="JobForm.TunedChoice"/>.</param>
/// <param name="Sample">A sample task.</param>
/// <param name="Job">An earlier job.</param>
/// <param name="Reward">A function of the library.</param>
/// <param name="DataSet">An uploaded data set.</param>
/// <param name="DataSetVersion">Which version of it; the current one where none is named.</param>
internal sealed record FormBeginning(string? Model, string? Sample, string? Job, string? Reward, string? DataSet, int? DataSetVersion)
{
    /// <summary>Equal for equal beginnings, empty for none.</summary>
    public string Text => string.Join('&', new[] { Model, Sample, Job, Reward, DataSet, DataSetVersion?.ToString(CultureInfo.InvariantCulture) }.OfType<string>());
}

/// <summary>Fills the wizard's form with what its address names: an earlier job, a data set, a reward function. What is gone by now is said at its field.</summary>
/// <param name="form">What is filled.</param>
/// <param name="refused">Takes messages by field.</param>
/// <param name="jobs">Earlier jobs.</param>
/// <param name="dataSets">Uploaded data sets.</param>
/// <param name="code">Code of earlier jobs.</param>
/// <param name="library">Saved reward functions.</param>
internal sealed class FormStart(JobForm form, Dictionary<string, string> refused, IJobs jobs, IDataSets dataSets, IRewardCode code, IRewardLibrary library)
{
    /// <summary>Takes over everything that is named; false where the job to clone is gone.</summary>
    public async Task<bool> TakeAsync(FormBeginning beginning, CancellationToken cancellationToken)
    {
        if (beginning.Model is { } model)
        {
            TakeModel(model);
        }

        if (SampleTasks.All.FirstOrDefault(task => task.Data.Name == beginning.Sample) is { } sample)
        {
            await TakeSampleAsync(sample, cancellationToken);
        }

        bool found = beginning.Job is not { } job || await TakeJobAsync(job, cancellationToken);
        if (beginning.Reward is { } reward)
        {
            await TakeRewardAsync(reward, cancellationToken);
        }

        if (beginning.DataSet is { } dataSet)
        {
            await TakeDataSetAsync(dataSet, beginning.DataSetVersion, cancellationToken);
        }

        return found;
    }

    /// <summary>Takes over the job of a sample task, under a name that is free.</summary>
    private async Task TakeSampleAsync(SampleTask task, CancellationToken cancellationToken)
    {
        IReadOnlyList<JobSummary> all = await jobs.ListAsync(cancellationToken);
        form.TakeFrom(task.Job(task.Data.Name), all.SelectMany(other => new[] { other.Name, other.CustomModelName }).ToHashSet(StringComparer.OrdinalIgnoreCase));
        form.Reward.TakeSample(task);
    }

    /// <summary>Takes over a job's choices; false where there is no such job.</summary>
    private async Task<bool> TakeJobAsync(string id, CancellationToken cancellationToken)
    {
        if (await jobs.FindAsync(id, cancellationToken) is not { } job)
        {
            return false;
        }

        IReadOnlyList<JobSummary> all = await jobs.ListAsync(cancellationToken);
        form.TakeFrom(job.Specification with { Tags = job.Summary.Tags }, all.SelectMany(other => new[] { other.Name, other.CustomModelName }).ToHashSet(StringComparer.OrdinalIgnoreCase));
        if (job.Specification.InitialAdapter is not null)
        {
            form.ModelChoice = JobForm.TunedChoice(job.InitialModelId ?? "");
            if (form.InitialModel is null)
            {
                form.ModelChoice = job.Specification.BaseModel;
                refused["baseModel"] = L["The tuned model that {0} went on from has been deleted: this job begins with the base model unless you choose another.", job.Summary.Name];
            }
        }

        await TakeRewardOfAsync(job, cancellationToken);
        if (form.Source != TrainingSource.Sample)
        {
            form.DataSet = job.TrainingDataSetId is { } training ? await FindAsync(training, job.TrainingDataSetVersion, cancellationToken) : null;
            if (form.DataSet is null)
            {
                refused["trainingData"] = L["The data set that {0} was trained on has been deleted: upload it again, or choose another.", job.Summary.Name];
            }
        }

        if (job.Specification.ValidationData?.File is not null)
        {
            form.ValidationSet = job.ValidationDataSetId is { } validation ? await FindAsync(validation, job.ValidationDataSetVersion, cancellationToken) : null;
            if (form.ValidationSet is null)
            {
                refused["validationData"] = L["The data set that {0} was validated on has been deleted: a share of the training rows is held out unless you choose another.", job.Summary.Name];
            }
        }

        return true;
    }

    /// <summary>Takes a base model by its name, or a tuned one by its <see cref="JobForm.TunedChoice"/>.</summary>
    private void TakeModel(string choice)
    {
        string before = form.BaseModel;
        form.ModelChoice = choice;
        if (form.InitialModel is null && choice.StartsWith(JobForm.TunedChoice(""), StringComparison.Ordinal))
        {
            form.ModelChoice = before;
            refused["baseModel"] = L["This tuned model has been deleted, or its base model is not here: choose another one."];
        }
    }

    /// <summary>Takes the latest version of a function of the library.</summary>
    private async Task TakeRewardAsync(string id, CancellationToken cancellationToken)
    {
        if (await library.FindAsync(id, cancellationToken) is { } entry)
        {
            form.Reward.TakeSaved(new(entry.Reward.Name, entry.Latest));
        }
        else
        {
            refused["rewardFunction"] = L["This reward function has been deleted: choose another, or use a template."];
        }
    }

    /// <summary>Takes an uploaded data set, its current version where none is named.</summary>
    private async Task TakeDataSetAsync(string id, int? version, CancellationToken cancellationToken)
    {
        form.Source = TrainingSource.Upload;
        form.DataSet = await FindAsync(id, version, cancellationToken);
        if (form.DataSet is null)
        {
            refused["trainingData"] = L["This data set has been deleted: upload a file, or choose one that was uploaded before."];
        }
    }

    private Task<UploadedDataSet?> FindAsync(string id, int? version, CancellationToken cancellationToken) =>
        version is { } number ? dataSets.FindVersionAsync(id, number, cancellationToken) : dataSets.FindAsync(id, cancellationToken);

    /// <summary>The version that the job ran, where the library still has it; else the job's own copy of the code.</summary>
    private async Task TakeRewardOfAsync(JobDetails job, CancellationToken cancellationToken)
    {
        if (await library.UsedByAsync(job.Summary.Id, cancellationToken) is { } used && await library.FindAsync(used.RewardId, cancellationToken) is { } entry)
        {
            form.Reward.TakeSaved(new(entry.Reward.Name, entry.Versions.First(version => version.Number == used.Version)));
        }
        else if (job.Specification.RewardFunction.Type != RewardFunctionSpecification.CustomCode)
        {
            form.Reward.TakeSpecification(job.Specification.RewardFunction);
        }
        else if (job.Specification.RewardFunction.File is not null)
        {
            form.Reward.TakeCode("");
            try
            {
                RewardDraft earlier = await RewardDraft.OpenAsync(job.Specification.RewardFunction, code, cancellationToken);
                form.Reward.TakeCode(earlier.Code, earlier.Requirements);
            }
            catch (UserInputException unreadable)
            {
                refused["rewardFunction"] = L["{0} Write it again, or use a template.", unreadable.Message];
            }
        }
    }
}
