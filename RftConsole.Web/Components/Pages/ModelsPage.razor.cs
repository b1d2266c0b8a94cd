using Microsoft.AspNetCore.Components;

using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Pages;

/// <summary>All custom models.</summary>
public sealed partial class ModelsPage
{
    private IReadOnlyList<CustomModel>? _models;

    /// <summary>The models.</summary>
    [Inject]
    public required ICustomModels Models { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Models.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _models = await Models.ListAsync(cancellationToken);
}
