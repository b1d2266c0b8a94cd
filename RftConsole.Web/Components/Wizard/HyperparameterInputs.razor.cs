using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>A field for every hyperparameter: in the wizard, and for the defaults in the settings.</summary>
public sealed partial class HyperparameterInputs
{
    private static readonly IReadOnlyList<string> _layers = new Hyperparameters().LoraTargets;

    /// <summary>The defaults as this machine would resolve them, where they are known.</summary>
    [Parameter]
    public Hyperparameters? Resolved { get; set; }

    private bool AdvancedHasErrors => Has("loraTargets") || HyperparameterFields.Advanced.Any(number => Has(number.Name));

    private double? FittedValue(NumberField field) => Resolved is null ? null : HyperparameterFields.Read(Resolved, field.Name);

    private Task SetAsync(NumberField field, double? value)
    {
        Form[field.Name] = value;
        return Changed.InvokeAsync();
    }

    private Task ChooseAsync(Hyperparameters choices)
    {
        Form.Choices = choices;
        return Changed.InvokeAsync();
    }

    private Task SetLayerAsync(string layer, bool on) =>
        ChooseAsync(Form.Choices with { LoraTargets = [.. _layers.Where(known => known == layer ? on : Form.Choices.LoraTargets.Contains(known))] });
}
