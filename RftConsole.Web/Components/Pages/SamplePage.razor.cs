using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Gallery;
using RftConsole.Web.Samples;

namespace RftConsole.Web.Components.Pages;

/// <summary>The story of a sample task, and the button that starts its job.</summary>
public sealed partial class SamplePage
{
    private SampleTask? _task;
    private bool _starting;
    private string? _refused;

    /// <summary>Starts the job.</summary>
    [Inject]
    public required SampleJobs Samples { get; init; }

    /// <summary>Leads to the job's page.</summary>
    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>The task's name.</summary>
    [Parameter]
    public string Name { get; set; } = "";

    /// <inheritdoc />
    protected override void OnParametersSet() => _task = SampleTasks.All.FirstOrDefault(task => task.Data.Name == Name);

    private async Task StartAsync()
    {
        _starting = true;
        try
        {
            Navigation.NavigateTo("/jobs/" + await Samples.StartAsync(_task!));
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }
        finally
        {
            _starting = false;
        }
    }
}
