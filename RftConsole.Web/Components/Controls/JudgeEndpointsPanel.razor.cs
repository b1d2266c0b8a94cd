using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Controls;

/// <summary>The endpoints that can judge: added, tested, deleted. A key goes in and never comes out.</summary>
public sealed partial class JudgeEndpointsPanel
{
    private readonly Dictionary<string, EndpointTest> _tests = [];
    private readonly HashSet<string> _testing = [];
    private IReadOnlyList<JudgeEndpoint>? _endpoints;
    private string? _changing;
    private string _key = "";
    private string? _failure;

    [Inject]
    public required IJudgeEndpoints Endpoints { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Endpoints.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _endpoints = await Endpoints.ListAsync(cancellationToken);

    private async Task AddAsync()
    {
        IDialogReference shown = await Dialogs.ShowAsync<JudgeEndpointDialog>(L["Add judge endpoint"], new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });
        await shown.Result;
        await LoadAsync(Ended);
    }

    private async Task TestAsync(JudgeEndpoint endpoint)
    {
        _testing.Add(endpoint.Id);
        _tests.Remove(endpoint.Id);
        try
        {
            _tests[endpoint.Id] = await Endpoints.TestAsync(endpoint.Id, Ended);
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _testing.Remove(endpoint.Id);
        }
    }

    private Task SaveKeyAsync(JudgeEndpoint endpoint) => TryAsync(async () =>
    {
        await Endpoints.SetKeyAsync(endpoint.Id, _key, Ended);
        _changing = null;
        _tests.Remove(endpoint.Id);
    });

    private async Task DeleteAsync(JudgeEndpoint endpoint)
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete {0}?", endpoint.Name], L["Its key is gone for good. Reward functions and queued jobs that judge with it fail until they name another judge."], L["Delete"]))
        {
            await TryAsync(() => Endpoints.DeleteAsync(endpoint.Id, Ended));
        }
    }

    private async Task TryAsync(Func<Task> action)
    {
        _failure = null;
        try
        {
            await action();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }

        _key = "";
        await LoadAsync(Ended);
    }
}
