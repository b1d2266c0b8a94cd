using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Controls;

/// <summary>What a job keeps on the disk: artefacts to download, checkpoints, and what can go.</summary>
public sealed partial class JobFiles
{
    private static readonly (string Name, string Text)[] s_files =
    [
        ("job.json", Phrase("The specification with every default resolved.")),
        ("metrics.jsonl", Phrase("One line a step.")),
        ("rollouts.jsonl", Phrase("Every answer with its reward and advantage.")),
        ("step_wise_training_metrics.csv", Phrase("Training metrics as a table.")),
        ("validation_metrics.csv", Phrase("Validation metrics as a table.")),
    ];

    private string? _outcome;
    private bool _failed;

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The job.</summary>
    [Parameter, EditorRequired]
    public required JobDetails Job { get; set; }

    private string SizeOf(string name) => Job.Storage.Files.TryGetValue(name, out long bytes) ? Display.Bytes(bytes) : "";

    private string Note(int step) => string.Join(", ", new[]
    {
        step == Job.Storage.Checkpoints[0].Step ? L["last: a resume goes on from it"] : null,
        step == Job.Storage.BestStep ? L["best by validation reward"] : null,
    }.OfType<string>());

    private async Task FreeAsync()
    {
        string size = Display.Bytes(Job.Storage.SpareBytes);
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Free space?"], L["Checkpoints that are neither the last nor the best are deleted for good: {0}. The job can still be resumed, and its model keeps its own copies.", size], L["Free space"]))
        {
            return;
        }

        try
        {
            long freed = await Jobs.FreeSpaceAsync(Job.Summary.Id);
            (_outcome, _failed) = (L["{0} are free again.", Display.Bytes(freed)], false);
        }
        catch (Exception problem) when (problem is UserInputException or IOException or UnauthorizedAccessException)
        {
            (_outcome, _failed) = (problem.Message, true);
        }
    }
}
