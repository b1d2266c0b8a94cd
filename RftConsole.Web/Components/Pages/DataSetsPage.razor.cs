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
    private IReadOnlyList<string> _withHash = [];
    private Source _source;
    private string? _open;
    private string? _refused;

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IDataSetVersions Versions { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>Part of a name, or the beginning of the SHA-256 of any version.</summary>
    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    /// <summary>A deployment whose logged calls are to become a data set.</summary>
    [SupplyParameterFromQuery(Name = "logs")]
    public string? Deployment { get; set; }

    /// <inheritdoc />
    protected override object? Scope => Search;

    private IReadOnlyList<UploadedDataSet> Matching => string.IsNullOrWhiteSpace(Search)
        ? _dataSets!
        : [.. _dataSets!.Where(set => set.Name.Contains(Search.Trim(), StringComparison.OrdinalIgnoreCase) || _withHash.Contains(set.Id))];

    /// <inheritdoc />
    protected override void OnInitialized() => _source = Deployment is null ? Source.File : Source.Logs;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [DataSets.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _withHash = string.IsNullOrWhiteSpace(Search) ? [] : await Versions.WithHashAsync(Search.Trim(), cancellationToken);
        _dataSets = await DataSets.ListAsync(cancellationToken);
    }

    private void Find(string? text) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("search", string.IsNullOrWhiteSpace(text) ? null : text), replace: true);

    private void Open(UploadedDataSet added) => (_open, _source) = (added.Id, Source.File);

    private async Task DeleteAsync(UploadedDataSet set)
    {
        IReadOnlyList<string> jobs = await DataSets.JobsUsingAsync(set.Id, Ended);
        string text = jobs.Count == 0
            ? L["No job uses it. The file is gone for good."]
            : L["Used by {0}. Jobs keep copies of their own; the file here is gone for good.", jobs.Count > 5 ? L["{0} and {1} more", string.Join(", ", jobs.Take(5)), jobs.Count - 5] : string.Join(", ", jobs)];
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Delete {0}?", set.Name], text, L["Delete"]))
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

    private enum Source
    {
        File,
        S3,
        Logs,
    }
}
