using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Controls;

/// <summary>A job's rollouts, a page at a time. New ones are announced and not pushed under the reader's eyes.</summary>
public sealed partial class RolloutsTable
{
    private const int PageSize = 25;

    private readonly HashSet<(int Step, int Prompt, int Sample)> _open = [];
    private RolloutPage? _page;
    private RolloutQuery? _shown;
    private int _newRollouts;

    [Inject]
    public required IJobs Jobs { get; init; }

    [Parameter, EditorRequired]
    public required string JobId { get; set; }

    /// <summary>Only this step.</summary>
    [Parameter]
    public int? Step { get; set; }

    [Parameter]
    public EventCallback<int?> StepChanged { get; set; }

    /// <summary>Only rollouts with this text.</summary>
    [Parameter]
    public string? Search { get; set; }

    [Parameter]
    public EventCallback<string?> SearchChanged { get; set; }

    /// <summary>Counts from 1.</summary>
    [Parameter]
    public int Page { get; set; } = 1;

    [Parameter]
    public EventCallback<int> PageChanged { get; set; }

    /// <summary>Changes when the job has news.</summary>
    [Parameter]
    public int StepsDone { get; set; }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        RolloutQuery wanted = new(JobId, Step, string.IsNullOrWhiteSpace(Search) ? null : Search.Trim(), (Page - 1) * PageSize, PageSize);
        if (wanted != _shown || _page is null or { Rows.Count: 0 })
        {
            _shown = wanted;
            await ReadAsync(wanted);
        }
        else
        {
            RolloutPage now = await Jobs.RolloutsAsync(wanted with { Take = 1 });
            _newRollouts = now.Total - _page!.Total;
        }
    }

    private static (int Step, int Prompt, int Sample) Key(Rollout rollout) => (rollout.Step, rollout.PromptIndex, rollout.SampleIndex);

    private static string Sign(double advantage) => advantage switch
    {
        > 0 => "positive",
        < 0 => "negative",
        _ => "muted",
    };

    private void Toggle(Rollout rollout)
    {
        if (!_open.Remove(Key(rollout)))
        {
            _open.Add(Key(rollout));
        }
    }

    private async Task ShowNewAsync()
    {
        if (Page != 1)
        {
            await PageChanged.InvokeAsync(1);
        }

        await ReadAsync(_shown! with { Skip = 0 });
    }

    private async Task ReadAsync(RolloutQuery query)
    {
        _page = await Jobs.RolloutsAsync(query);
        _newRollouts = 0;
    }
}
