using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Controls;

/// <summary>What can be done with a data set of the library: count its tokens, split it.</summary>
public sealed partial class DataSetTools : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<CatalogueModel> _models = [];
    private DatasetSummary? _insight;
    private string? _model;
    private double? _percent = 10;
    private long _seed = 42;
    private bool _counting;
    private bool _splitting;
    private string? _failure;
    private string? _done;

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IBaseModels BaseModels { get; init; }

    /// <summary>The data set.</summary>
    [Parameter, EditorRequired]
    public required UploadedDataSet DataSet { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() =>
        _models = [.. (await BaseModels.ListAsync(_ended.Token)).Where(model => model.Status == BaseModelStatus.Ready)];

    private async Task CountAsync(string? model)
    {
        _model = model;
        _insight = null;
        if (model is null)
        {
            return;
        }

        _counting = true;
        StateHasChanged();
        await TryAsync(async () => _insight = await DataSets.CountTokensAsync(DataSet.Id, model, _ended.Token));
        _counting = false;
    }

    private async Task SplitAsync()
    {
        (_splitting, _done) = (true, null);
        await TryAsync(async () =>
        {
            (UploadedDataSet training, UploadedDataSet validation) = await DataSets.SplitAsync(DataSet.Id, (_percent ?? 0) / 100, (ulong)_seed, _ended.Token);
            _done = L["Training records: {0} in {1}. Validation records: {2} in {3}.", Display.Count(training.Rows), training.Name, Display.Count(validation.Rows), validation.Name];
        });
        _splitting = false;
    }

    private async Task TryAsync(Func<Task> work)
    {
        _failure = null;
        try
        {
            await work();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page has gone.
        }
    }
}
