using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>Deployments over the database; the loader proves each new one in the background.</summary>
internal sealed class DeploymentService(IDbContextFactory<ConsoleDbContext> contexts, DeploymentLoader loader, ChangeFeed feed, TimeProvider time) : IDeployments
{
    public async Task<IReadOnlyList<Deployment>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<DeploymentRow> rows = await context.Deployments.AsNoTracking().Include(row => row.Model).OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(ToDeployment)];
    }

    public async Task<Deployment?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        DeploymentRow? row = await context.Deployments.AsNoTracking().Include(deployment => deployment.Model).SingleOrDefaultAsync(deployment => deployment.Id == id, cancellationToken);
        return row is null ? null : ToDeployment(row);
    }

    public async Task<string> DeployAsync(DeploymentRequest request, CancellationToken cancellationToken = default)
    {
        SpecificationCheck.RequireName("name", "Deployment name", request.Name);
        SpecificationCheck.RequireTags(request.Tags);
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        CustomModelRow model = await context.Models.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.ModelId, cancellationToken)
            ?? throw new UserInputException($"Model: there is no model with the id {request.ModelId}; it may have been deleted.");
        int step = request.Step ?? model.BestStep;
        List<KeptCheckpoint> checkpoints = StoredJson.Read<List<KeptCheckpoint>>(model.CheckpointsJson);
        if (checkpoints.All(checkpoint => checkpoint.Step != step))
        {
            throw new UserInputException($"Checkpoint: the model \"{model.Name}\" has none of step {step}; it has {string.Join(", ", checkpoints.Select(checkpoint => checkpoint.Step))}.");
        }

        await RequireFreeNameAsync(context, request.Name, cancellationToken);
        DeploymentRow deployment = new()
        {
            Id = NewId.Create(),
            Name = request.Name,
            Description = request.Description,
            ModelId = model.Id,
            Step = step,
            Status = DeploymentStatus.Creating,
            CreatedAt = time.GetUtcNow(),
            TagsJson = StoredJson.Write(request.Tags),
        };
        context.Deployments.Add(deployment);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            await using ConsoleDbContext again = await contexts.CreateDbContextAsync(cancellationToken);
            await RequireFreeNameAsync(again, request.Name, cancellationToken);
            throw;
        }

        feed.Publish(ChangeTopic.Deployments);
        loader.Enqueue(deployment.Id);
        return deployment.Id;
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Deployments.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new UserInputException($"There is no deployment with the id {id}; it may have been deleted.");
        }

        feed.Publish(ChangeTopic.Deployments);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Deployments, null, changed);

    private static async Task RequireFreeNameAsync(ConsoleDbContext context, string name, CancellationToken cancellationToken)
    {
        if (await context.Deployments.AnyAsync(row => row.Name == name, cancellationToken))
        {
            throw new UserInputException($"Deployment name: there is a deployment \"{name}\" already; choose another name.");
        }
    }

    private static Deployment ToDeployment(DeploymentRow row) => new(
        row.Id,
        row.Name,
        row.Description,
        row.ModelId,
        row.Model!.Name,
        row.Model.BaseModel,
        row.Step,
        row.Status,
        row.Message,
        row.CreatedAt,
        StoredJson.Read<Dictionary<string, string>>(row.TagsJson));
}
