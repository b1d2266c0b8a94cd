using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Samples;

/// <summary>Jobs of the sample tasks: started with one click, recognised by a tag, and removed with one click.</summary>
/// <param name="jobs">The jobs.</param>
/// <param name="models">The models that they make.</param>
/// <param name="deployments">What serves those models.</param>
public sealed class SampleJobs(IJobs jobs, ICustomModels models, IDeployments deployments)
{
    /// <summary>The tag of a sample job; its value is the task's name.</summary>
    public const string Tag = "sample";

    /// <summary>The sample jobs among <paramref name="all"/>.</summary>
    public static IReadOnlyList<JobSummary> Of(IEnumerable<JobSummary> all) => [.. all.Where(job => job.Tags.ContainsKey(Tag))];

    /// <summary>The sample jobs among <paramref name="all"/> that have ended.</summary>
    public static IReadOnlyList<JobSummary> Ended(IEnumerable<JobSummary> all) => [.. Of(all).Where(job => job.Status is JobStatus.Completed or JobStatus.Stopped or JobStatus.Failed)];

    /// <summary>Creates the job of a task, under a name that is free.</summary>
    /// <returns>The job's id.</returns>
    public async Task<string> StartAsync(SampleTask task, CancellationToken cancellationToken = default)
    {
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        taken.UnionWith((await jobs.ListAsync(cancellationToken)).SelectMany(job => new[] { job.Name, job.CustomModelName }));
        taken.UnionWith((await models.ListAsync(cancellationToken)).Select(model => model.Name));
        string stem = "sample-" + task.Data.Name;
        string name = Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? stem : $"{stem}-{i}").First(name => !taken.Contains(name));
        JobSpecification job = task.Job(name) with { Description = task.Data.Title, Tags = new Dictionary<string, string> { [Tag] = task.Data.Name } };
        return await jobs.CreateAsync(job, cancellationToken);
    }

    /// <summary>Deletes all sample jobs that have ended, with their models and deployments.</summary>
    public async Task RemoveEndedAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<JobSummary> ended = Ended(await jobs.ListAsync(cancellationToken));
        HashSet<string> made = [.. ended.Select(job => job.ModelId).OfType<string>()];
        foreach (Deployment deployment in (await deployments.ListAsync(cancellationToken)).Where(deployment => made.Contains(deployment.ModelId)))
        {
            await deployments.DeleteAsync(deployment.Id, cancellationToken);
        }

        foreach (string model in made)
        {
            await models.DeleteAsync(model, cancellationToken);
        }

        foreach (JobSummary job in ended)
        {
            await jobs.DeleteAsync(job.Id, cancellationToken);
        }
    }
}
