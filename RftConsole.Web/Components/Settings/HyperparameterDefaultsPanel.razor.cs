using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Settings;

namespace RftConsole.Web.Components.Settings;

/// <summary>The hyperparameters that jobs begin with.</summary>
public sealed partial class HyperparameterDefaultsPanel
{
    private IReadOnlyDictionary<string, string> _errors = new Dictionary<string, string>();
    private JobForm? _form;
    private string? _failure;
    private string? _done;

    [Inject]
    public required IHyperparameterDefaults Defaults { get; init; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => await LoadAsync();

    private async Task LoadAsync()
    {
        JobForm form = new();
        form.TakeHyperparameters(await Defaults.FindAsync());
        _form = form;
        Check();
    }

    private void Check()
    {
        _done = null;
        _errors = _form!.ValidateHyperparameters();
    }

    private async Task SaveAsync(Hyperparameters defaults, string done)
    {
        _failure = null;
        try
        {
            await Defaults.SetAsync(defaults);
            await LoadAsync();
            _done = done;
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
    }
}
