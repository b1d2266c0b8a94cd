using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>Deployments over the database; the loader proves each new one in the background.</summary>
internal sealed class DeploymentService(IDbContextFactory<ConsoleDbContext> contexts, DeploymentLoader loader, DataFolder folder, ChangeFeed feed, TimeProvider time) : IDeployments
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
        int step = StepOf(model, request.Step);
        await RequireFreeNameAsync(context, request.Name, cancellationToken);
        DeploymentRow deployment = new()
        {
            Id = NewId.Create(),
            Name = request.Name,
            Description = request.Description,
            ModelId = model.Id,
            Step = step,
            Status = DeploymentStatus.Creating,
            InvocationLogging = request.InvocationLogging,
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

    public async Task UpdateAsync(string id, DeploymentUpdate update, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        DeploymentRow row = await context.Deployments.SingleOrDefaultAsync(deployment => deployment.Id == id, cancellationToken)
            ?? throw new UserInputException($"There is no deployment with the id {id}; it may have been deleted.");
        if (update.Tags is { } tags)
        {
            SpecificationCheck.RequireTags(tags);
            row.TagsJson = StoredJson.Write(tags);
        }

        row.Description = update.Description ?? row.Description;
        row.InvocationLogging = update.InvocationLogging ?? row.InvocationLogging;
        if (update.ModelId is not null || update.Step is not null)
        {
            string modelId = update.ModelId ?? row.ModelId;
            CustomModelRow model = await context.Models.AsNoTracking().SingleOrDefaultAsync(entry => entry.Id == modelId, cancellationToken)
                ?? throw new UserInputException($"Model: there is no model with the id {modelId}; it may have been deleted.");
            int step = StepOf(model, update.Step);
            if (await loader.TryAsync(model.BaseModel, model.Id, step, cancellationToken) is { } problem)
            {
                throw new UserInputException($"Model: \"{model.Name}\" does not answer, and the deployment stays as it is: {problem}");
            }

            (row.ModelId, row.Step, row.Status, row.Message) = (model.Id, step, DeploymentStatus.Active, null);
        }

        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.Deployments);
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Deployments.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new UserInputException($"There is no deployment with the id {id}; it may have been deleted.");
        }

        // The log goes with the deployment whose calls it holds.
        if (Directory.Exists(folder.InvocationLogFolder(id)))
        {
            Directory.Delete(folder.InvocationLogFolder(id), recursive: true);
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

    /// <summary>The step that is asked for, or the best one.</summary>
    /// <exception cref="UserInputException">The model has no such checkpoint.</exception>
    private static int StepOf(CustomModelRow model, int? asked)
    {
        int step = asked ?? model.BestStep;
        List<KeptCheckpoint> checkpoints = StoredJson.Read<List<KeptCheckpoint>>(model.CheckpointsJson);
        return checkpoints.Any(checkpoint => checkpoint.Step == step)
            ? step
            : throw new UserInputException($"Checkpoint: the model \"{model.Name}\" has none of step {step}; it has {string.Join(", ", checkpoints.Select(checkpoint => checkpoint.Step))}.");
    }

    private Deployment ToDeployment(DeploymentRow row) => new(
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
        StoredJson.Read<Dictionary<string, string>>(row.TagsJson))
    {
        InvocationLogging = row.InvocationLogging,
        LogFolder = folder.InvocationLogFolder(row.Id),
    };
}
