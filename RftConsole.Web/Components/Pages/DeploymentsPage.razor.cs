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
    private ILookup<string, UsageHour> _usage = Array.Empty<UsageHour>().ToLookup(hour => hour.Target);
    private string? _open;
    private string? _refused;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required IUsage Usage { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Time { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Deployments.Subscribe(changed), Usage.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) 
    {
        _deployments = await Deployments.ListAsync(cancellationToken);
        _usage = (await Usage.SinceAsync(Time.GetUtcNow().AddDays(-30), cancellationToken: cancellationToken)).ToLookup(hour => hour.Target);
    }

    private void Toggle(Deployment deployment) => _open = _open == deployment.Id ? null : deployment.Id;

    private Task PointAsync(Deployment deployment) =>
        ShowAsync<PointDialog>(L["Point at another model"], new DialogParameters<PointDialog> { { dialog => dialog.Deployment, deployment } });

    private Task EditAsync(Deployment deployment) =>
        ShowAsync<DeploymentDialog>(L["Edit deployment"], new DialogParameters<DeploymentDialog> { { dialog => dialog.Deployment, deployment } });

    private async Task ShowAsync<T>(string title, DialogParameters parameters)
        where T : IComponent
    {
        IDialogReference shown = await Dialogs.ShowAsync<T>(title, parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        await shown.Result;
        await LoadAsync(Ended);
    }

    private async Task DeleteAsync(Deployment deployment)
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Delete {0}?", deployment.Name], L["It no longer answers, and its invocation log goes with it. The model stays."], L["Delete"]))
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
