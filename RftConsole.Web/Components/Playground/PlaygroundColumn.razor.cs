using Microsoft.AspNetCore.Components;

using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>One model and its answers, as they stream.</summary>
public sealed partial class PlaygroundColumn : IDisposable
{
    private SessionColumn? _watched;

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<PlaygroundTarget> Targets { get; set; }

    [Parameter, EditorRequired]
    public required PlaygroundSession Session { get; set; }

    /// <summary>Which side of the session.</summary>
    [Parameter, EditorRequired]
    public required SessionColumn Column { get; set; }

    /// <summary>Whether the page still shows the first message beside the answers; the column shows it itself otherwise.</summary>
    [Parameter]
    public bool IsAskedStill { get; set; } = true;

    [Parameter]
    public EventCallback<string?> TargetIdChanged { get; set; }

    /// <summary>Raised with the number of a message that is to be written anew.</summary>
    [Parameter]
    public EventCallback<int> Edited { get; set; }

    /// <summary>Raised when the code that calls the model is wanted.</summary>
    [Parameter]
    public EventCallback<SessionColumn> CodeWanted { get; set; }

    /// <summary>Raised when the column is to go; unset where it has to stay.</summary>
    [Parameter]
    public EventCallback Removed { get; set; }

    private bool HasAnswered => Column.Answers.Count == Session.Turns.Count;

    private bool ShowsMessages => Session.Turns.Count > 1 || !IsAskedStill;

    private string RetryName => HasAnswered ? L["Retry"] : L["Answer|by a model"];

    private string RetryTitle => !HasAnswered ? L["Have this model answer what the others have answered"]
        : Session.Start?.Settings.Temperature > 0 ? L["Answer once more, with the next seed"]
        : L["Answer once more; greedy sampling gives the same answer"];

    /// <inheritdoc />
    public void Dispose()
    {
        if (_watched is not null)
        {
            _watched.Changed -= OnChanged;
        }
    }

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_watched, Column))
        {
            Dispose();
            _watched = Column;
            Column.Changed += OnChanged;
        }
    }

    private Task ShowCode() => CodeWanted.InvokeAsync(Column);

    private void OnChanged() => _ = InvokeAsync(StateHasChanged);
}
