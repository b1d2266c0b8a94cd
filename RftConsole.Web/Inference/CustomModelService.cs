using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>Tuned models over the database and the models' folders.</summary>
internal sealed class CustomModelService(IDbContextFactory<ConsoleDbContext> contexts, ModelArchive archive, ChangeFeed feed) : ICustomModels
{
    public async Task<IReadOnlyList<CustomModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<CustomModelRow> rows = await context.Models.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Name).ToListAsync(cancellationToken);
        return [.. rows.Select(ToModel)];
    }

    public async Task<CustomModel?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        CustomModelRow? row = await context.Models.AsNoTracking().SingleOrDefaultAsync(model => model.Id == id, cancellationToken);
        return row is null ? null : ToModel(row);
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            CustomModelRow model = await context.Models.SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
                ?? throw new UserInputException($"There is no model with the id {id}; it may have been deleted.");
            if (await context.Deployments.Where(row => row.ModelId == id).Select(row => row.Name).FirstOrDefaultAsync(cancellationToken) is { } user)
            {
                throw new UserInputException($"The model \"{model.Name}\" is used by the deployment \"{user}\": delete the deployment first.");
            }

            await context.Jobs.Where(row => row.ModelId == id).ExecuteUpdateAsync(update => update.SetProperty(row => row.ModelId, (string?)null), cancellationToken);
            context.Models.Remove(model);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        archive.Delete(id);
        feed.Publish(ChangeTopic.Models);
        feed.Publish(ChangeTopic.Jobs);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Models, null, changed);

    private CustomModel ToModel(CustomModelRow row) => new(
        row.Id,
        row.Name,
        row.BaseModel,
        row.JobId,
        row.JobName,
        row.CreatedAt,
        row.BestStep,
        archive.AdapterFolder(row.Id),
        StoredJson.ReadOptional<Dictionary<string, double>>(row.BaselineJson),
        StoredJson.ReadOptional<Dictionary<string, double>>(row.FinalJson),
        [.. StoredJson.Read<List<KeptCheckpoint>>(row.CheckpointsJson).Select(checkpoint => new ModelCheckpoint(checkpoint.Step, checkpoint.IsBest, archive.CheckpointFolder(row.Id, checkpoint.Step), checkpoint.ValidationReward))],
        StoredJson.Read<Dictionary<string, string>>(row.TagsJson))
    {
        EncryptionKey = archive.EncryptionKey(row.Id),
    };
}
