using System.Globalization;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>What the playground can talk to, and which weights an id of it stands for.</summary>
internal sealed class PlaygroundTargets(IDbContextFactory<ConsoleDbContext> contexts, ServedModels served, IBaseModels baseModels, DataFolder folder)
{
    private const string BasePrefix = "base:";
    private const string ModelPrefix = "model:";
    private const string DeploymentPrefix = "deployment:";

    /// <inheritdoc cref="IPlayground.TargetsAsync"/>
    public async Task<IReadOnlyList<PlaygroundTarget>> ListAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<DeploymentRow> deployments = await ActiveAsync(context, cancellationToken);
        List<CustomModelRow> models = await context.Models.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Name).ToListAsync(cancellationToken);
        List<CatalogueModel> ready = await ReadyAsync(cancellationToken);
        // A tuned model of a folder needs its base model on the other side of a comparison.
        IEnumerable<string> folders = models.Select(row => row.BaseModel).Distinct().Where(name => ready.All(model => model.Name != name));
        return
        [
            .. ready.Select(model => Base(model.Name, model.Title) with { ApiName = model.Name }),
            .. folders.Select(path => Base(path, Path.GetFileName(Path.TrimEndingDirectorySeparator(path)))),
            .. models.Select(Of),
            .. await JobsAsync(context, cancellationToken),
            .. deployments.Select(Of),
        ];
    }

    /// <summary>Who answers for an id.</summary>
    /// <exception cref="UserInputException">It stands for nothing, or no longer.</exception>
    public async Task<ServedModel> ResolveAsync(string id, CancellationToken cancellationToken)
    {
        if (id.StartsWith(BasePrefix, StringComparison.Ordinal))
        {
            string name = id[BasePrefix.Length..];
            return await IsBaseAsync(name, cancellationToken) ? ServedModels.Base(name) : throw new UserInputException($"There is no base model \"{name}\".");
        }

        if (id.StartsWith(ModelPrefix, StringComparison.Ordinal))
        {
            string[] parts = id.Split(':');
            int? step = parts.Length > 2 && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
            return (parts.Length == 2 || (parts.Length == 3 && step is not null) ? await served.FindModelAsync(parts[1], step, cancellationToken) : null)
                ?? throw new UserInputException(step is null ? "This model is gone: choose another." : $"The checkpoint of step {step} is gone: choose another.");
        }

        if (id.StartsWith(DeploymentPrefix, StringComparison.Ordinal))
        {
            return await served.FindDeploymentAsync(id[DeploymentPrefix.Length..], cancellationToken)
                ?? throw new UserInputException("This deployment is not active: it was deleted, is still being created, or has failed.");
        }

        throw new UserInputException($"\"{id}\" is no model and no deployment; choose one from the list.");
    }

    private static PlaygroundTarget Base(string name, string title) => new(BasePrefix + name, title, PlaygroundTarget.BaseKind, name);

    private static PlaygroundTarget Of(DeploymentRow row) => new(DeploymentPrefix + row.Id, row.Name, PlaygroundTarget.DeploymentKind, row.Model!.BaseModel)
    {
        ApiName = row.Name,
        ModelId = row.ModelId,
        Step = row.Step,
        JobId = row.Model.JobId,
    };

    private static PlaygroundTarget Of(CustomModelRow row) => new(ModelPrefix + row.Id, row.Name, PlaygroundTarget.TunedKind, row.BaseModel)
    {
        ApiName = ServedModels.CheckpointName(row.Name, row.BestStep),
        ModelId = row.Id,
        Step = row.BestStep,
        JobId = row.JobId,
        Checkpoints = [.. StoredJson.Read<List<KeptCheckpoint>>(row.CheckpointsJson).OrderBy(kept => kept.Step).Select(kept => Checkpoint(row.Id, row.Name, kept))],
    };

    private static PlaygroundCheckpoint Checkpoint(string id, string name, KeptCheckpoint kept) =>
        new(FormattableString.Invariant($"{ModelPrefix}{id}:{kept.Step}"), kept.Step, kept.IsBest, kept.ValidationReward, ServedModels.CheckpointName(name, kept.Step));

    /// <summary>Jobs that have made no model, such as the one that runs: they have checkpoints to talk to all the same.</summary>
    private async Task<IEnumerable<PlaygroundTarget>> JobsAsync(ConsoleDbContext context, CancellationToken cancellationToken)
    {
        var rows = await context.Jobs.AsNoTracking()
            .Where(row => row.ModelId == null && row.Status != JobStatus.Queued)
            .OrderByDescending(row => row.CreatedAt)
            .Select(row => new { row.Id, row.CustomModelName, row.BaseModel })
            .ToListAsync(cancellationToken);
        return from row in rows
               let steps = StoredCheckpoints.Steps(new(folder.JobFolder(row.Id)))
               where steps.Count > 0
               select new PlaygroundTarget(ModelPrefix + row.Id, row.CustomModelName, PlaygroundTarget.JobKind, row.BaseModel)
               {
                   ApiName = ServedModels.CheckpointName(row.CustomModelName, steps[0]),
                   Step = steps[0],
                   JobId = row.Id,
                   Checkpoints = [.. steps.Order().Select(step => Checkpoint(row.Id, row.CustomModelName, new(step, false, null)))],
               };
    }

    private async Task<bool> IsBaseAsync(string name, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await ReadyAsync(cancellationToken)).Any(model => model.Name == name) || await context.Models.AnyAsync(row => row.BaseModel == name, cancellationToken);
    }

    private async Task<List<CatalogueModel>> ReadyAsync(CancellationToken cancellationToken) =>
        [.. (await baseModels.ListAsync(cancellationToken)).Where(model => model.Status == BaseModelStatus.Ready)];

    private static Task<List<DeploymentRow>> ActiveAsync(ConsoleDbContext context, CancellationToken cancellationToken) => context.Deployments.AsNoTracking()
        .Include(row => row.Model)
        .Where(row => row.Status == DeploymentStatus.Active)
        .OrderByDescending(row => row.CreatedAt)
        .ToListAsync(cancellationToken);
}
