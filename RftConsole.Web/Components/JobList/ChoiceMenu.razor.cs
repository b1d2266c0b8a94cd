using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace RftConsole.Web.Components.JobList;

/// <summary>One of the things that a <see cref="ChoiceMenu"/> offers.</summary>
/// <param name="Value">What it stands for.</param>
/// <param name="Text">How it reads.</param>
/// <param name="Count">How often it occurs; null where that says nothing.</param>
/// <param name="IsFixed">It cannot be changed.</param>
public sealed record Choice(string Value, string Text, int? Count = null, bool IsFixed = false);

/// <summary>A button that opens a list of check boxes: a filter, or the columns of a table.</summary>
public sealed partial class ChoiceMenu
{
    private ElementReference _button;
    private bool _isOpen;

    /// <summary>What is chosen here.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>What is offered.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<Choice> Choices { get; set; }

    /// <summary>The values that are chosen.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyCollection<string> Chosen { get; set; }

    /// <summary>Raised with all values that are chosen now.</summary>
    [Parameter]
    public EventCallback<IReadOnlyList<string>> ChosenChanged { get; set; }

    /// <summary>Whether the button says how many are chosen.</summary>
    [Parameter]
    public bool ShowsCount { get; set; } = true;

    private Task ToggleAsync(Choice choice) =>
        ChosenChanged.InvokeAsync(Chosen.Contains(choice.Value) ? [.. Chosen.Where(value => value != choice.Value)] : [.. Chosen, choice.Value]);

    private async Task OnKeyAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Escape" && _isOpen)
        {
            _isOpen = false;
            await _button.FocusAsync();
        }
    }
}
