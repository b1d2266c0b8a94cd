using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks how much longer an ended job is to train, and queues it again.</summary>
public sealed partial class ProlongDialog
{
    private static readonly NumberField s_epochs = HyperparameterFields.All.First(field => field.Name == "epochCount");
    private static readonly NumberField s_steps = HyperparameterFields.All.First(field => field.Name == "maxSteps");

    private double? _epochs;
    private double? _steps;
    private bool _earlyStopping;
    private string? _failure;

    [Inject]
    public required IJobs Jobs { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public required JobDetails Job { get; set; }

    private bool EndedEarly => Job.Summary is { Status: JobStatus.Completed } job && job.StepsDone < job.TotalSteps;

    private JobExtension? Extension => s_epochs.Check(_epochs, int.MaxValue) is null && s_steps.Check(_steps, int.MaxValue) is null
        ? new((int)_epochs!.Value, (int?)_steps, _earlyStopping)
        : null;

    private string Outcome => Job.Plan is { } plan && Extension is { } extension
        ? L["{0} steps in all, {1} more.", extension.TotalSteps(plan), Math.Max(0, extension.TotalSteps(plan) - Job.Summary.StepsDone)]
        : "";

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        // Twice as long, to begin with; a job that ended early makes the steps that were left.
        Hyperparameters given = Job.Specification.Hyperparameters;
        int factor = EndedEarly ? 1 : 2;
        _steps = given.MaxSteps * factor;
        _epochs = Math.Min(50, _steps is { } steps && Job.Plan is { } plan
            ? Math.Max(given.EpochCount, Math.Ceiling(steps * plan.Hyperparameters.BatchSize!.Value / plan.TrainingPrompts))
            : given.EpochCount * factor);
        _earlyStopping = given.EarlyStopping && !EndedEarly;
    }

    private async Task ProlongAsync()
    {
        _failure = null;
        try
        {
            await Jobs.ProlongAsync(Job.Summary.Id, Extension!);
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
    }
}
