using Microsoft.AspNetCore.Components;

namespace RftConsole.Web.Components.Wizard;

/// <summary>A step of the wizard: it edits the form and shows the errors of its own fields.</summary>
public abstract class SectionBase : ComponentBase
{
    /// <summary>What is edited.</summary>
    [Parameter, EditorRequired]
    public required JobForm Form { get; set; }

    /// <summary>Errors to show, by field.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyDictionary<string, string> Errors { get; set; }

    /// <summary>Raised after an edit, so that errors are checked again.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>Whether a field has an error.</summary>
    protected bool Has(string field) => Errors.ContainsKey(field);

    /// <summary>A field's error.</summary>
    protected string? Error(string field) => Errors.GetValueOrDefault(field);
}
