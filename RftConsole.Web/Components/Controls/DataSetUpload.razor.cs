using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Controls;

/// <summary>
/// Takes a file by drop or picker. The browser sends it over HTTP by itself, in chunks, goes on by itself after a broken connection, and
/// tells this component how far it is. A table stays until its columns are named.
/// </summary>
public sealed partial class DataSetUpload : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private DotNetObjectReference<DataSetUpload>? _self;
    private string? _name;
    private long _sent;
    private long _total;
    private long _limit;
    private bool _interrupted;
    private StagedFile? _table;
    private UploadReply? _refused;
    private bool _disposed;

    [Inject]
    public required IJSRuntime JS { get; init; }

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IUploads Uploads { get; init; }

    [Inject]
    public required IUploadLimit Limit { get; init; }

    /// <summary>What the file is for: <see cref="UploadKind"/>.</summary>
    [Parameter]
    public string Kind { get; set; } = UploadKind.Records;

    /// <summary>Raised when a file of records is stored and checked.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Uploaded { get; set; }

    /// <summary>Raised when a log file has arrived; whoever takes it deletes it.</summary>
    [Parameter]
    public EventCallback<StagedFile> Arrived { get; set; }

    /// <summary>Raised with true when an upload begins, and with false when it ends in whatever way.</summary>
    [Parameter]
    public EventCallback<bool> Uploading { get; set; }

    private int Percent => _total == 0 ? 100 : (int)(_sent * 100 / _total);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _self?.Dispose();
        if (_table is not null)
        {
            Uploads.Delete(_table.Id);
        }

        await _module.EndAsync("destroy", _root);
    }

    /// <summary>A file was dropped or chosen, and is on its way.</summary>
    [JSInvokable]
    public async Task OnStarted(string name, long size)
    {
        (_name, _sent, _total, _refused, _interrupted) = (name, 0, size, null, false);
        StateHasChanged();
        await Uploading.InvokeAsync(true);
    }

    /// <summary>So many bytes have left the browser.</summary>
    [JSInvokable]
    public void OnProgress(long sent)
    {
        (_sent, _interrupted) = (sent, false);
        StateHasChanged();
    }

    /// <summary>The connection broke off; the browser tries again.</summary>
    [JSInvokable]
    public void OnInterrupted()
    {
        _interrupted = true;
        StateHasChanged();
    }

    /// <summary>The console answered.</summary>
    [JSInvokable]
    public async Task OnEnded(UploadReply reply)
    {
        _name = null;
        UploadedDataSet? added = reply.Id is null ? null : await DataSets.FindAsync(reply.Id);
        StagedFile? staged = reply.Staged is null ? null : await Uploads.CompleteAsync(reply.Staged);
        _table = Kind == UploadKind.Records ? staged : null;
        _refused = added is null && staged is null ? reply : null;
        StateHasChanged();
        if (added is not null)
        {
            await Uploaded.InvokeAsync(added);
        }
        else if (staged is not null && _table is null)
        {
            await Arrived.InvokeAsync(staged);
        }

        await Uploading.InvokeAsync(false);
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _limit = await Limit.BytesAsync();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _module = await JS.InvokeAsync<IJSObjectReference>("import", "./Components/Controls/DataSetUpload.razor.js");
        if (!_disposed)
        {
            _self = DotNetObjectReference.Create(this);
            await _module.InvokeVoidAsync("create", _root, _self, UploadEndpoints.Address, UploadEndpoints.TokenHeader, Kind);
        }
    }

    private async Task EndTableAsync(UploadedDataSet? added)
    {
        Uploads.Delete(_table!.Id);
        _table = null;
        if (added is not null)
        {
            await Uploaded.InvokeAsync(added);
        }
    }

    private async Task CancelAsync()
    {
        _name = null;
        await _module!.InvokeVoidAsync("cancel", _root);
        await Uploading.InvokeAsync(false);
    }
}
