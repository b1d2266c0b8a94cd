using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Playground;

/// <summary>The keys of the page, and what tokens tell under the pointer or the arrow keys; the browser does both without a round trip.</summary>
public sealed partial class PlaygroundKeys : IAsyncDisposable
{
    /// <summary>The script of this component.</summary>
    internal const string Script = "./Components/Playground/PlaygroundKeys.razor.js";

    private ElementReference _root;
    private IJSObjectReference? _module;
    private DotNetObjectReference<PlaygroundKeys>? _self;
    private bool _gone;

    [Inject]
    public required IJSRuntime JS { get; init; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Parameter]
    public string? Class { get; set; }

    /// <summary>Whether there is something to stop.</summary>
    [Parameter]
    public bool Running { get; set; }

    /// <summary>Ctrl+Enter.</summary>
    [Parameter]
    public EventCallback Run { get; set; }

    /// <summary>Ctrl+Enter in the field for further messages.</summary>
    [Parameter]
    public EventCallback Send { get; set; }

    /// <summary>Escape.</summary>
    [Parameter]
    public EventCallback Stop { get; set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _gone = true;
        _self?.Dispose();
        await _module.EndAsync("destroy", _root);
    }

    /// <summary>Called by the script.</summary>
    [JSInvokable]
    public Task OnRun() => Run.InvokeAsync();

    /// <summary>Called by the script.</summary>
    [JSInvokable]
    public Task OnSend() => Send.InvokeAsync();

    /// <summary>Called by the script.</summary>
    [JSInvokable]
    public Task OnStop() => Stop.InvokeAsync();

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _module = await JS.InvokeAsync<IJSObjectReference>("import", Script);
            if (!_gone)
            {
                _self = DotNetObjectReference.Create(this);
                await _module.InvokeVoidAsync("create", _root, _self);
            }
        }
    }
}
