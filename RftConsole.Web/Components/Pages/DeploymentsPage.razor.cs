using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Pages;

/// <summary>All deployments.</summary>
public sealed partial class DeploymentsPage
{
    private IReadOnlyList<Deployment>? _deployments;
    private string? _refused;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Deployments.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _deployments = await Deployments.ListAsync(cancellationToken);

    private async Task DeleteAsync(Deployment deployment)
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Delete {deployment.Name}?", "It no longer answers. The model stays.", "Delete"))
        {
            return;
        }

        _refused = null;
        try
        {
            await Deployments.DeleteAsync(deployment.Id, Ended);
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
