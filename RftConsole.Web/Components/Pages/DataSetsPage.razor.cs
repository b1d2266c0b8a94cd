using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Pages;

/// <summary>Uploaded and sample data sets.</summary>
public sealed partial class DataSetsPage
{
    private IReadOnlyList<UploadedDataSet>? _dataSets;
    private string? _open;
    private string? _refused;

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [DataSets.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _dataSets = await DataSets.ListAsync(cancellationToken);

    private async Task DeleteAsync(UploadedDataSet set)
    {
        IReadOnlyList<string> jobs = await DataSets.JobsUsingAsync(set.Id, Ended);
        string text = jobs.Count == 0
            ? "No job uses it. The file is gone for good."
            : $"Used by {string.Join(", ", jobs.Take(5))}{(jobs.Count > 5 ? $" and {jobs.Count - 5} more" : "")}. Jobs keep copies of their own; the file here is gone for good.";
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Delete {set.Name}?", text, "Delete"))
        {
            return;
        }

        _refused = null;
        try
        {
            await DataSets.DeleteAsync(set.Id, Ended);
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
