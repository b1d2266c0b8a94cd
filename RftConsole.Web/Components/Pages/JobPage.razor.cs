using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Pages;

/// <summary>One job, live.</summary>
public sealed partial class JobPage
{
    private static readonly string[] _tabs = ["overview", "rollouts", "reward", "data", "logs", "artefacts", "configuration"];

    private JobDetails? _job;
    private MetricFeed _feed = new();
    private JobHealth _health = new();
    private string? _loadedId;
    private bool _missing;
    private string? _refused;
    private int _openTab;

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    public string? Tab { get; set; }

    /// <inheritdoc />
    protected override object? Scope => Id;

    /// <summary>The tab that the address names.</summary>
    private int NamedTab => Math.Max(0, Array.IndexOf(_tabs, Tab));

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_job is not null && _openTab != NamedTab)
        {
            // Views in the tabs listen to the address as well, and the framework does not bear it that one comes or goes while it still tells them of a change.
            await Task.Yield();
        }

        _openTab = NamedTab;
        await base.OnParametersSetAsync();
    }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(Id, changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_loadedId != Id)
        {
            (_loadedId, _feed, _health, _refused) = (Id, new MetricFeed(), new JobHealth(), null);
        }

        _job = await Jobs.FindAsync(Id, cancellationToken);
        _missing = _job is null;
        if (_job is not null)
        {
            // The last step is read again: its validation comes after its metrics.
            IReadOnlyList<StepMetrics> steps = await Jobs.MetricsAsync(Id, _feed.LastStep - 1, cancellationToken);
            _feed.Add(steps);
            _health.Add(steps);
        }
    }

    private static string Subtitle(JobDetails job) =>
        $"{job.Summary.BaseModel} → {job.Summary.CustomModelName} · {L[job.Summary.RewardName]}";

    private void OpenTab(int index)
    {
        // The tabs also report when their panels go with the page, -1 at last: nobody has chosen that.
        if (index >= 0 && index != NamedTab && !Ended.IsCancellationRequested)
        {
            // What a tab's own view holds in the address goes with it.
            Navigation.NavigateTo(index == 0 ? $"/jobs/{Id}" : $"/jobs/{Id}?tab={_tabs[index]}");
        }
    }

    private async Task StopAsync()
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Stop this job?"], L["It ends after its current step. What was learnt is kept, and the job can be resumed."], L["Stop"], L["Keep running"]))
        {
            await DoAsync(() => Jobs.StopAsync(Id, Ended));
        }
    }

    private Task PauseAsync() => DoAsync(() => Jobs.PauseAsync(Id, Ended));

    private async Task ProlongAsync()
    {
        if (JobExtension.Obstacle(_job!.Specification.Hyperparameters) is { } obstacle)
        {
            _refused = obstacle;
            return;
        }

        DialogParameters<ProlongDialog> parameters = new() { { dialog => dialog.Job, _job } };
        IDialogReference shown = await Dialogs.ShowAsync<ProlongDialog>(L["Train longer"], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        if (await shown.Result is { Canceled: false })
        {
            await LoadAsync(Ended);
        }
    }

    private Task ResumeAsync() => DoAsync(() => Jobs.ResumeAsync(Id, Ended));

    private async Task TagAsync()
    {
        if (await TagsDialog.AskAsync(Dialogs, [_job!.Summary]) is { } change)
        {
            await DoAsync(() => Jobs.ChangeTagsAsync(Id, change, Ended));
        }
    }

    private async Task DeleteAsync()
    {
        if (await ConfirmDialog.AskAsync(Dialogs, L["Delete this job?"], L["Its metrics, rollouts and files are deleted for good. Its custom model stays."] + (_job?.EncryptionKey is null ? "" : " " + L["It is encrypted: its data key is destroyed, and copies of its files cannot be read any more."]), L["Delete"])
            && await DoAsync(() => Jobs.DeleteAsync(Id, Ended)))
        {
            Navigation.NavigateTo("/jobs");
        }
    }

    private async Task<bool> DoAsync(Func<Task> action)
    {
        _refused = null;
        try
        {
            await action();
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
            return false;
        }

        await LoadAsync(Ended);
        return true;
    }
}
