using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>Something that answers: a base model, a tuned model or a checkpoint of one, a deployment.</summary>
/// <param name="Name">What callers name it by.</param>
/// <param name="UsageKey">What its usage is counted under: a deployment's id, <c>model:ID</c> or <c>base:NAME</c>.</param>
/// <param name="BaseModel">Its base model.</param>
/// <param name="AdapterFolder">Its adapter; null for a base model.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record ServedModel(string Name, string UsageKey, string BaseModel, string? AdapterFolder, DateTimeOffset CreatedAt)
{
    /// <summary>The deployment whose calls are logged; null where they are not.</summary>
    public string? LoggedDeployment { get; init; }

    /// <summary>Whose it is, as model lists say: the console's own, or a tuned one.</summary>
    public string Owner { get; init; } = "user";
}

/// <summary>Finds what answers to a name. A deployment comes before a tuned model of the same name, and that before a base model.</summary>
internal sealed class ServedModels(IDbContextFactory<ConsoleDbContext> contexts, ModelArchive archive, IBaseModels baseModels, DataFolder folder)
{
    /// <summary>Between a tuned model's name and the step of a checkpoint of it.</summary>
    private const string CheckpointMark = ":ckpt-step-";

    /// <summary>The name that a checkpoint is called by.</summary>
    public static string CheckpointName(string modelName, int step) => FormattableString.Invariant($"{modelName}{CheckpointMark}{step}");

    /// <summary>Deployments, tuned models and base models that answer, each name once.</summary>
    public async Task<IReadOnlyList<ServedModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<DeploymentRow> deployments = await context.Deployments.AsNoTracking().Include(row => row.Model).Where(row => row.Status == DeploymentStatus.Active).OrderByDescending(row => row.CreatedAt).ToListAsync(cancellationToken);
        List<CustomModelRow> models = await context.Models.AsNoTracking().OrderByDescending(row => row.CreatedAt).ToListAsync(cancellationToken);
        IEnumerable<CatalogueModel> ready = (await baseModels.ListAsync(cancellationToken)).Where(model => model.Status == BaseModelStatus.Ready);
        return
        [
            .. ((IEnumerable<ServedModel>)[.. deployments.Select(Of), .. models.Select(model => Of(model, model.BestStep, model.Name)), .. ready.Select(model => Base(model.Name))])
                .DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>What answers to a name; null where nothing does.</summary>
    /// <exception cref="UserInputException">The deployment of that name has failed.</exception>
    public async Task<ServedModel?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Deployments.AsNoTracking().Include(row => row.Model).SingleOrDefaultAsync(row => row.Name == name, cancellationToken) is { } deployment)
        {
            // One that is still creating takes calls already: they wait for its model, which the first of them or the loader loads.
            return deployment.Status != DeploymentStatus.Failed
                ? Of(deployment)
                : throw new UserInputException($"The deployment \"{deployment.Name}\" has failed{(deployment.Message is null ? "." : ": " + deployment.Message)}");
        }

        int mark = name.LastIndexOf(CheckpointMark, StringComparison.Ordinal);
        string modelName = mark < 0 ? name : name[..mark];
        int? step = mark >= 0 && int.TryParse(name.AsSpan(mark + CheckpointMark.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : null;
        if (mark >= 0 && step is null)
        {
            return null;
        }

        if (await context.Models.AsNoTracking().SingleOrDefaultAsync(row => row.Name == modelName, cancellationToken) is { } model)
        {
            return IsKept(model, step) ? Of(model, step ?? model.BestStep, name) : null;
        }

        return step is { } ofJob ? await CheckpointOfJobAsync(context, modelName, ofJob, name, cancellationToken)
            : (await baseModels.ListAsync(cancellationToken)).Any(entry => entry.Name == name && entry.Status == BaseModelStatus.Ready) ? Base(name)
            : null;
    }

    /// <summary>An active deployment by its id; null where there is none.</summary>
    public async Task<ServedModel?> FindDeploymentAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Deployments.AsNoTracking().Include(row => row.Model).SingleOrDefaultAsync(row => row.Id == id && row.Status == DeploymentStatus.Active, cancellationToken) is { } deployment ? Of(deployment) : null;
    }

    /// <summary>A tuned model, or a job's checkpoint before there is one, by its id; null where there is none.</summary>
    /// <param name="id">The model's id, which is its job's too.</param>
    /// <param name="step">The checkpoint; null for a model's best one and a job's latest one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ServedModel?> FindModelAsync(string id, int? step, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Models.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } model)
        {
            return IsKept(model, step) ? Of(model, step ?? model.BestStep, CheckpointName(model.Name, step ?? model.BestStep)) : null;
        }

        if (await context.Jobs.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } job)
        {
            return null;
        }

        int wanted = step ?? StoredCheckpoints.Steps(new(folder.JobFolder(id))).FirstOrDefault(-1);
        return CheckpointOf(job, wanted, CheckpointName(job.CustomModelName, wanted));
    }

    /// <summary>A base model as it answers.</summary>
    public static ServedModel Base(string name) => new(name, "base:" + name, name, null, DateTimeOffset.UnixEpoch) { Owner = "rftconsole" };

    /// <summary>A job that has not ended has checkpoints, and no model yet.</summary>
    private async Task<ServedModel?> CheckpointOfJobAsync(ConsoleDbContext context, string modelName, int step, string name, CancellationToken cancellationToken)
    {
        JobRow? job = await context.Jobs.AsNoTracking().FirstOrDefaultAsync(row => row.CustomModelName == modelName, cancellationToken);
        return job is null ? null : CheckpointOf(job, step, name);
    }

    private ServedModel? CheckpointOf(JobRow job, int step, string name)
    {
        string adapter = Path.Combine(folder.JobFolder(job.Id), "checkpoints", FormattableString.Invariant($"step-{step}"));
        return Directory.Exists(adapter) ? new(name, $"model:{job.Id}", job.BaseModel, adapter, job.CreatedAt) : null;
    }

    private static bool IsKept(CustomModelRow model, int? step) => step is null || StoredJson.Read<List<KeptCheckpoint>>(model.CheckpointsJson).Any(checkpoint => checkpoint.Step == step);

    private ServedModel Of(DeploymentRow row) => new(row.Name, row.Id, row.Model!.BaseModel, archive.CheckpointFolder(row.ModelId, row.Step), row.CreatedAt) { LoggedDeployment = row.InvocationLogging ? row.Id : null };

    private ServedModel Of(CustomModelRow row, int step, string name) => new(name, $"model:{row.Id}", row.BaseModel, archive.CheckpointFolder(row.Id, step), row.CreatedAt);
}
