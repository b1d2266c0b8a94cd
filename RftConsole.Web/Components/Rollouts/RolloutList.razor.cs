using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;

using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Rollouts;

/// <summary>A job's rollouts, of which only those in sight are read. New ones are announced and not pushed under the reader's eyes.</summary>
public sealed partial class RolloutList
{
    private Virtualize<Rollout>? _rows;
    private RolloutQuery? _shown;
    private int? _total;
    private int _newRollouts;

    [Inject]
    public required IRollouts Rollouts { get; init; }

    [Parameter, EditorRequired]
    public required string JobId { get; set; }

    /// <summary>Which rollouts; what it skips and takes does not count.</summary>
    [Parameter, EditorRequired]
    public required RolloutQuery Filter { get; set; }

    [Parameter]
    public EventCallback<RolloutQuery> FilterChanged { get; set; }

    /// <summary>Asks for the group of a rollout.</summary>
    [Parameter]
    public EventCallback<Rollout> Open { get; set; }

    /// <summary>Changes when the job has news.</summary>
    [Parameter]
    public int StepsDone { get; set; }

    private bool IsFiltered => Filter != new RolloutQuery(JobId);

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (Filter != _shown)
        {
            _shown = Filter;
            await ReadAgainAsync();
        }
        else if (_total is { } total)
        {
            int now = (await Rollouts.PageAsync(Filter with { Take = 0 })).Total;
            if (total == 0 && now > 0)
            {
                await ReadAgainAsync();
            }
            else
            {
                _newRollouts = now - total;
            }
        }
    }

    private static string FaultName(RolloutFault fault) => fault switch
    {
        RolloutFault.RewardError => L["Reward errors"],
        RolloutFault.NoVerdict => L["No verdict of the judge"],
        RolloutFault.CutOff => L["Cut off at the token limit"],
        _ => L["All answers"],
    };

    private Task ChangeAsync(RolloutQuery filter) => FilterChanged.InvokeAsync(filter);

    private Task ShowNewAsync() => ReadAgainAsync();

    private async Task ReadAgainAsync()
    {
        RolloutQuery? wanted = _shown;
        _newRollouts = 0;
        int total = (await Rollouts.PageAsync(Filter with { Take = 0 })).Total;
        if (_shown == wanted)
        {
            _total = total;
            if (_rows is not null)
            {
                await _rows.RefreshDataAsync();
            }
        }
    }

    private async ValueTask<ItemsProviderResult<Rollout>> ProvideAsync(ItemsProviderRequest request)
    {
        if (_total is not { } total)
        {
            return new([], 0);
        }

        // The list stays as long as it was when it was read: what is new is announced, and shown when it is asked for.
        RolloutPage page = await Rollouts.PageAsync(Filter with { Skip = request.StartIndex, Take = request.Count, Counts = false }, request.CancellationToken);
        return new(page.Rows, total);
    }
}
