using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Custom models in memory.</summary>
public sealed class FakeModels : ICustomModels
{
    public FakeNews News { get; } = new();

    public List<CustomModel> All { get; } = [];

    public Task<IReadOnlyList<CustomModel>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<CustomModel>>([.. All]);

    public Task<CustomModel?> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(All.FirstOrDefault(model => model.Id == id));

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        All.RemoveAll(model => model.Id == id);
        return News.TellAsync();
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
