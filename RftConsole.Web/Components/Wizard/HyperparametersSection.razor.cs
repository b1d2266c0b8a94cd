using Microsoft.AspNetCore.Components;

using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Hyperparameters</em>.</summary>
public sealed partial class HyperparametersSection
{
    /// <summary>The defaults as this machine would resolve them, where they are known.</summary>
    [Parameter]
    public Hyperparameters? Resolved { get; set; }
}
