using System.Runtime.CompilerServices;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Inference;

/// <summary>The playground over registered base models, base models of deployments, and active deployments.</summary>
internal sealed class PlaygroundService(IDbContextFactory<ConsoleDbContext> contexts, InferenceHost host, ServedModels served, IBaseModels baseModels) : IPlayground
{
    private const string BasePrefix = "base:";
    private const string DeploymentPrefix = "deployment:";

    public async Task<IReadOnlyList<PlaygroundTarget>> TargetsAsync(CancellationToken cancellationToken = default)
    {
        List<DeploymentRow> deployments = await ActiveAsync(cancellationToken);
        List<CatalogueModel> ready = await ReadyAsync(cancellationToken);
        IEnumerable<PlaygroundTarget> registered = ready.Select(model => Base(model.Name, model.Title));
        // A deployment of a model from a folder needs its base model on the other side of a comparison.
        IEnumerable<PlaygroundTarget> folders = deployments
            .Select(row => row.Model!.BaseModel)
            .Distinct()
            .Where(name => ready.All(model => model.Name != name))
            .Select(path => Base(path, Path.GetFileName(Path.TrimEndingDirectorySeparator(path))));
        IEnumerable<PlaygroundTarget> tuned = deployments.Select(row => new PlaygroundTarget(DeploymentPrefix + row.Id, row.Name, "Deployment", row.Model!.BaseModel));
        return [.. registered, .. folders, .. tuned];
    }

    public async IAsyncEnumerable<ChatPiece> StreamAsync(
        string targetId,
        IReadOnlyList<ChatMessage> messages,
        PlaygroundSettings settings,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(messages, settings);
        ServedModel model = await ResolveAsync(targetId, cancellationToken);
        InferenceCall call = new(messages, settings.MaxTokens, settings.Temperature, settings.TopP, settings.Seed) { Streams = true };
        await foreach (ChatPiece piece in host.StreamAsync(model, call, ApiCaller.Playground, cancellationToken))
        {
            yield return piece;
        }
    }

    private static PlaygroundTarget Base(string name, string title) => new(BasePrefix + name, title, "Base model", name);

    private static void Check(IReadOnlyList<ChatMessage> messages, PlaygroundSettings settings)
    {
        if (messages.Count == 0 || messages[^1].Role != "user" || string.IsNullOrWhiteSpace(messages[^1].Content))
        {
            throw new UserInputException("Prompt: write something for the model to answer.");
        }

        if (!(settings.Temperature >= 0 && settings.Temperature <= 2))
        {
            throw new UserInputException($"Temperature: {settings.Temperature} is outside its range from 0 to 2.");
        }

        if (!(settings.TopP > 0 && settings.TopP <= 1))
        {
            throw new UserInputException($"Top P: {settings.TopP} must lie above 0 and be at most 1.");
        }

        if (settings.MaxTokens < 1)
        {
            throw new UserInputException($"Maximum tokens: {settings.MaxTokens} is too small, the least is 1.");
        }
    }

    private async Task<ServedModel> ResolveAsync(string targetId, CancellationToken cancellationToken)
    {
        if (targetId.StartsWith(BasePrefix, StringComparison.Ordinal))
        {
            string name = targetId[BasePrefix.Length..];
            bool known = (await ReadyAsync(cancellationToken)).Any(model => model.Name == name) || (await ActiveAsync(cancellationToken)).Any(row => row.Model!.BaseModel == name);
            return known ? ServedModels.Base(name) : throw new UserInputException($"There is no base model \"{name}\".");
        }

        if (targetId.StartsWith(DeploymentPrefix, StringComparison.Ordinal))
        {
            return await served.FindDeploymentAsync(targetId[DeploymentPrefix.Length..], cancellationToken)
                ?? throw new UserInputException("This deployment is not active: it was deleted, is still being created, or has failed.");
        }

        throw new UserInputException($"\"{targetId}\" is no base model and no deployment; choose one from the list.");
    }

    private async Task<List<CatalogueModel>> ReadyAsync(CancellationToken cancellationToken) =>
        [.. (await baseModels.ListAsync(cancellationToken)).Where(model => model.Status == BaseModelStatus.Ready)];

    private async Task<List<DeploymentRow>> ActiveAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Deployments.AsNoTracking()
            .Include(row => row.Model)
            .Where(row => row.Status == DeploymentStatus.Active)
            .OrderByDescending(row => row.CreatedAt)
            .ToListAsync(cancellationToken);
    }
}
