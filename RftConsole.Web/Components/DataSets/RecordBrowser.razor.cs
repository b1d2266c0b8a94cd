using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.DataSets;

/// <summary>What of a data set is shown; part of the page's address.</summary>
public sealed record RecordView(string? Search, bool Rejected, int Page);

/// <summary>The lines of one version of a data set: searched, paged, edited.</summary>
public sealed partial class RecordBrowser : IDisposable
{
    private const int PageSize = 20;

    private readonly CancellationTokenSource _ended = new();
    private CancellationTokenSource? _reading;
    private RecordLines? _lines;
    private object? _shown;
    private string? _failure;
    private bool _deleting;

    [Inject]
    public required IDataSetVersions Versions { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The version.</summary>
    [Parameter, EditorRequired]
    public required UploadedDataSet DataSet { get; set; }

    /// <summary>It is the current version.</summary>
    [Parameter]
    public bool Editable { get; set; }

    /// <summary>What is looked for.</summary>
    [Parameter]
    public string? Search { get; set; }

    /// <summary>Only lines that are no record.</summary>
    [Parameter]
    public bool Rejected { get; set; }

    /// <summary>Counts from 1.</summary>
    [Parameter]
    public int Page { get; set; } = 1;

    /// <summary>Asks for another view.</summary>
    [Parameter]
    public EventCallback<RecordView> Changed { get; set; }

    /// <summary>Raised with the new version after an edit.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Edited { get; set; }

    private string Counted => _lines is null ? L["Searching…"]
        : string.IsNullOrWhiteSpace(Search) && !Rejected ? L["{0} lines", Display.Count(_lines.Total)]
        : L["{0} of {1} lines match", Display.Count(_lines.Total), Display.Count(DataSet.Rows + DataSet.RejectedRows)];

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
        _reading?.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        object wanted = (DataSet.File, Search, Rejected, Page);
        if (Equals(_shown, wanted))
        {
            return;
        }

        _shown = wanted;
        _failure = null;
        // What is typed next makes an answer that is still being looked for worthless.
        _reading?.Cancel();
        _reading?.Dispose();
        _reading = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        try
        {
            RecordLines lines = await Versions.ReadAsync(DataSet, new(Search, Rejected, (Page - 1) * PageSize, PageSize), _reading.Token);
            if (Equals(_shown, wanted))
            {
                _lines = lines;
            }
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException)
        {
            // A newer search has begun, or the page has gone.
        }
    }

    private async Task EditAsync(RecordLine line)
    {
        DialogParameters<RecordDialog> parameters = new() { { dialog => dialog.DataSet, DataSet }, { dialog => dialog.Line, line } };
        IDialogReference shown = await Dialogs.ShowAsync<RecordDialog>(L["Edit line {0}", line.Number], parameters, new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true, CloseOnEscapeKey = true });
        if (await shown.Result is { Canceled: false, Data: UploadedDataSet edited })
        {
            await Edited.InvokeAsync(edited);
        }
    }

    private async Task DeleteAsync(RecordLine line)
    {
        (_failure, _deleting) = (null, true);
        try
        {
            await Edited.InvokeAsync(await Versions.EditAsync(DataSet, line.Number, null, _ended.Token));
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _deleting = false;
        }
    }
}
