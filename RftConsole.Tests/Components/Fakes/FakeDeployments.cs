using RftConsole.Training;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Deployments in memory; each is active at once.</summary>
public sealed class FakeDeployments : IDeployments
{
    public FakeNews News { get; } = new();

    public List<Deployment> All { get; } = [];

    public List<DeploymentRequest> Requests { get; } = [];

    public string? Refuse { get; set; }

    public Task<IReadOnlyList<Deployment>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Deployment>>([.. All]);

    public Task<Deployment?> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(All.FirstOrDefault(deployment => deployment.Id == id));

    public async Task<string> DeployAsync(DeploymentRequest request, CancellationToken cancellationToken = default)
    {
        if (Refuse is not null)
        {
            throw new UserInputException(Refuse);
        }

        Requests.Add(request);
        Deployment made = new($"d{All.Count + 1}", request.Name, request.Description, request.ModelId, "arith-tuned", "starter", request.Step ?? 30, DeploymentStatus.Active, null, DateTimeOffset.UnixEpoch, request.Tags);
        All.Insert(0, made);
        await News.TellAsync();
        return made.Id;
    }

    public List<(string Id, DeploymentUpdate Update)> Updates { get; } = [];

    public async Task UpdateAsync(string id, DeploymentUpdate update, CancellationToken cancellationToken = default)
    {
        if (Refuse is not null)
        {
            throw new UserInputException(Refuse);
        }

        Updates.Add((id, update));
        int index = All.FindIndex(deployment => deployment.Id == id);
        All[index] = All[index] with
        {
            ModelId = update.ModelId ?? All[index].ModelId,
            Step = update.Step ?? All[index].Step,
            Description = update.Description ?? All[index].Description,
            Tags = update.Tags ?? All[index].Tags,
            InvocationLogging = update.InvocationLogging ?? All[index].InvocationLogging,
        };
        await News.TellAsync();
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        All.RemoveAll(deployment => deployment.Id == id);
        return News.TellAsync();
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
