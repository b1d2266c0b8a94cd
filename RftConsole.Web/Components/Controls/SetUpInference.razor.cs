using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Controls;

/// <summary>Deploys a custom model and shows what is deployed of it.</summary>
public sealed partial class SetUpInference
{
    private CustomModel? _model;
    private IReadOnlyList<Deployment> _deployments = [];

    [Inject]
    public required ICustomModels Models { get; init; }

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Parameter, EditorRequired]
    public required string ModelId { get; set; }

    /// <inheritdoc />
    protected override object? Scope => ModelId;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Models.Subscribe(changed), Deployments.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _model = await Models.FindAsync(ModelId, cancellationToken);
        IReadOnlyList<Deployment> all = await Deployments.ListAsync(cancellationToken);
        _deployments = [.. all.Where(deployment => deployment.ModelId == ModelId)];
    }

    private async Task DeployAsync()
    {
        DialogParameters<DeployDialog> parameters = new() { { dialog => dialog.Model, _model! } };
        IDialogReference shown = await Dialogs.ShowAsync<DeployDialog>(L["Deploy for on-demand"], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        if (await shown.Result is { Canceled: false })
        {
            await LoadAsync(Ended);
        }
    }
}
