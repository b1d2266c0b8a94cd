using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Tables;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Controls;

/// <summary>Asks what the columns of an uploaded table become, and makes a data set of its rows.</summary>
public sealed partial class TableMapping : IDisposable
{
    private const int RowsShown = 5;
    private const int LongestValue = 200;

    private readonly CancellationTokenSource _ended = new();
    private readonly HashSet<string> _dropped = [];
    private TablePreview? _preview;
    private TableColumns? _columns;
    private IReadOnlyList<RejectedLine> _rejected = [];
    private string? _failure;
    private bool _working;

    [Inject]
    public required IDataSets DataSets { get; init; }

    /// <summary>The table.</summary>
    [Parameter, EditorRequired]
    public required StagedFile File { get; set; }

    /// <summary>Raised with the new data set, or with null where the user leaves the file.</summary>
    [Parameter, EditorRequired]
    public EventCallback<UploadedDataSet?> Done { get; set; }

    /// <summary>Columns that have no place of their own in a record.</summary>
    private IReadOnlyList<string> Further => [.. _preview!.Columns.Except(new[] { _columns!.Question, _columns.Answer, _columns.Instructions, _columns.Id }.OfType<string>())];

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        try
        {
            _preview = await TableConverter.PreviewAsync(File.File, RowsShown, _ended.Token);
            _columns = TableColumns.Guess(_preview.Columns);
        }
        catch (UserInputException unreadable)
        {
            _failure = unreadable.Message;
        }
    }

    private static string Cut(string value) => value.Length <= LongestValue ? value : value[..LongestValue] + "…";

    private async Task ConvertAsync()
    {
        (_failure, _rejected, _working) = (null, [], true);
        try
        {
            TableColumns columns = _columns! with { Metadata = [.. Further.Except(_dropped)] };
            await Done.InvokeAsync(await DataSets.ImportAsync(File.Name, (file, ending) => TableConverter.ConvertAsync(File.File, columns, file, ending), _ended.Token));
        }
        catch (DataSetRefusedException refused)
        {
            (_failure, _rejected) = (refused.Message, [.. refused.Rejected.Take(20)]);
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _working = false;
        }
    }
}
