using System.Threading.Channels;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>
/// Makes new deployments Active by asking each for one token: that loads base model and adapter through the path that every later call takes.
/// Deployments that an ended process left Creating are taken up again.
/// </summary>
internal sealed partial class DeploymentLoader(
    IDbContextFactory<ConsoleDbContext> contexts,
    IChatEngine engine,
    ModelArchive archive,
    ChangeFeed feed,
    ILogger<DeploymentLoader> log) : BackgroundService
{
    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    public void Enqueue(string deploymentId) => _waiting.Writer.TryWrite(deploymentId);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            List<string> unfinished = await context.Deployments.Where(row => row.Status == DeploymentStatus.Creating).OrderBy(row => row.CreatedAt).Select(row => row.Id).ToListAsync(cancellationToken);
            unfinished.ForEach(Enqueue);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (string id in _waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await LoadAsync(id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private async Task LoadAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        DeploymentRow? deployment = await context.Deployments.AsNoTracking().Include(row => row.Model).SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (deployment is null)
        {
            return;
        }

        string? problem = await TryAsync(deployment.Model!.BaseModel, deployment.ModelId, deployment.Step, cancellationToken);
        DeploymentStatus status = problem is null ? DeploymentStatus.Active : DeploymentStatus.Failed;
        await context.Deployments.Where(row => row.Id == id).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.Status, status).SetProperty(row => row.Message, problem),
            cancellationToken);
        LogLoaded(deployment.Name, status, problem ?? "it answers");
        feed.Publish(ChangeTopic.Deployments);
    }

    /// <summary>Asks a checkpoint of a model for one token.</summary>
    /// <returns>Why it cannot be used; null where it answers.</returns>
    public async Task<string?> TryAsync(string baseModel, string modelId, int step, CancellationToken cancellationToken)
    {
        ChatRequest request = new(
            baseModel,
            archive.CheckpointFolder(modelId, step),
            [new ChatMessage("user", "Hello")],
            MaxTokens: 1,
            Temperature: 0,
            TopP: 1,
            Seed: 0);
        try
        {
            await foreach (ChatPiece piece in engine.StreamAsync(request, cancellationToken))
            {
                if (piece.FinishReason is not null)
                {
                    return null;
                }
            }

            return "The model ended its answer without a reason.";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (UserInputException unusable)
        {
            return unusable.Message;
        }
        catch (Exception broken)
        {
            // Whatever breaks one deployment is shown there and must not end the loader.
            LogBroke(broken, modelId, step);
            return broken.Message.ReplaceLineEndings(" ");
        }
    }

    [LoggerMessage(LogLevel.Information, "Deployment {Name} is {Status}: {Problem}")]
    private partial void LogLoaded(string name, DeploymentStatus status, string problem);

    [LoggerMessage(LogLevel.Error, "Step {Step} of the model {Model} broke while it was loaded")]
    private partial void LogBroke(Exception problem, string model, int step);

    [LoggerMessage(LogLevel.Information, "Deployments still to load are loaded at the next start")]
    private partial void LogStopped();
}
