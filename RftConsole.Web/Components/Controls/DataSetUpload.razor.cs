using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Controls;

/// <summary>Takes a training file by drop or picker. The browser sends it over HTTP by itself and tells this component how far it is.</summary>
public sealed partial class DataSetUpload : IAsyncDisposable
{
    private ElementReference _root;
    private IJSObjectReference? _module;
    private DotNetObjectReference<DataSetUpload>? _self;
    private string? _name;
    private long _sent;
    private long _total;
    private UploadReply? _refused;
    private bool _disposed;

    [Inject]
    public required IJSRuntime JS { get; init; }

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required UploadLimit Limit { get; init; }

    /// <summary>Raised when a file is stored and checked.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Uploaded { get; set; }

    /// <summary>Raised with true when an upload begins, and with false when it ends in whatever way.</summary>
    [Parameter]
    public EventCallback<bool> Uploading { get; set; }

    private int Percent => _total == 0 ? 100 : (int)(_sent * 100 / _total);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _self?.Dispose();
        if (_module is null)
        {
            return;
        }

        try
        {
            await _module.InvokeVoidAsync("destroy", _root);
            await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed, and the upload went with it.
        }
    }

    /// <summary>A file was dropped or chosen, and is on its way.</summary>
    [JSInvokable]
    public async Task OnStarted(string name, long size)
    {
        (_name, _sent, _total, _refused) = (name, 0, size, null);
        StateHasChanged();
        await Uploading.InvokeAsync(true);
    }

    /// <summary>So many bytes have left the browser.</summary>
    [JSInvokable]
    public void OnProgress(long sent)
    {
        _sent = sent;
        StateHasChanged();
    }

    /// <summary>The console answered.</summary>
    [JSInvokable]
    public async Task OnEnded(UploadReply reply)
    {
        _name = null;
        UploadedDataSet? added = reply.Id is null ? null : await DataSets.FindAsync(reply.Id);
        _refused = added is null ? reply : null;
        StateHasChanged();
        if (added is not null)
        {
            await Uploaded.InvokeAsync(added);
        }

        await Uploading.InvokeAsync(false);
    }

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
            await _module.InvokeVoidAsync("create", _root, _self, DataSetEndpoints.UploadAddress, DataSetEndpoints.TokenHeader, Limit.Bytes, $"The file is larger than {Display.Bytes(Limit.Bytes)}, the most that the console takes: split it, or leave out records.");
        }
    }

    private async Task CancelAsync()
    {
        _name = null;
        await _module!.InvokeVoidAsync("cancel", _root);
        await Uploading.InvokeAsync(false);
    }
}
