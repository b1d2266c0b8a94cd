using RftConsole.Training.Hub;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Catalogue;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>A catalogue in memory.</summary>
public sealed class FakeBaseModels : IBaseModels, IHubSettings
{
    public FakeNews News { get; } = new();

    public List<CatalogueModel> All { get; } = [.. BaseModels.All.Select(model => Model(model.Name, BaseModelStatus.Ready) with { Title = model.Title, Description = model.Description, Embedded = true, Licence = model.Licence, Config = DecoderConfig.Load(model.Folder) })];

    public BaseModelUsers Users { get; set; } = new([], [], [], []);

    public List<string> Calls { get; } = [];

    public JobEstimate Cost { get; set; } = new(TimeSpan.FromMinutes(90), 1L << 30, 10, new());

    public HubSettingsView View { get; set; } = new("https://huggingface.co", false, false, false);

    public static CatalogueModel Model(string name, BaseModelStatus status) =>
        new("id-" + name, name, name, null, "owner/" + name, status, null, status == BaseModelStatus.Ready ? RecommendedModels.All[0].Config : null, null, 5 << 20, false, null);

    public Task<IReadOnlyList<CatalogueModel>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<CatalogueModel>>([.. All]);

    public Task<string> AddPathAsync(string path, string? name, CancellationToken cancellationToken = default) => throw new RftConsole.Training.UserInputException($"Folder or file: {path} is not there.");

    public async Task<string> DownloadAsync(HubReference reference, string? name, CancellationToken cancellationToken = default)
    {
        Calls.Add("download " + reference);
        All.Add(Model(reference.Id.Split('/')[1], BaseModelStatus.Downloading) with { Source = reference.Id });
        await News.TellAsync();
        return reference.Id;
    }

    public Task PauseAsync(string id, CancellationToken cancellationToken = default) => CallAsync("pause " + id);

    public Task ResumeAsync(string id, CancellationToken cancellationToken = default) => CallAsync("resume " + id);

    public Task<BaseModelUsers> UsersAsync(string name, CancellationToken cancellationToken = default) => Task.FromResult(Users);

    public Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        All.RemoveAll(model => model.Id == id);
        return CallAsync("remove " + id);
    }

    public Task<JobEstimate> CostAsync(DecoderConfig config, CancellationToken cancellationToken = default) => Task.FromResult(Cost);

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);

    public Task<HubSettingsView> ViewAsync(CancellationToken cancellationToken = default) => Task.FromResult(View);

    public Task<HubConnection> ConnectionAsync(CancellationToken cancellationToken = default) => Task.FromResult(new HubConnection(HubConnection.DefaultEndpoint, null));

    public Task SetEndpointAsync(string address, CancellationToken cancellationToken = default) => CallAsync("endpoint " + address);

    public Task SetTokenAsync(string? token, CancellationToken cancellationToken = default) => CallAsync("token " + token);

    private Task CallAsync(string call)
    {
        Calls.Add(call);
        return Task.CompletedTask;
    }
}
