using System.Text;

using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Controls;

/// <summary>
/// An editor for Python. The only place that knows the editor library: typing stays in the browser, and the text comes here after
/// a rest and when the focus leaves.
/// </summary>
public sealed partial class CodeEditor : IAsyncDisposable
{
    private readonly StringBuilder _parts = new();
    private ElementReference _root;
    private IJSObjectReference? _module;
    private DotNetObjectReference<CodeEditor>? _self;
    private string _shown = "";
    private IReadOnlyList<CodeProblem> _marked = [];
    private bool _disposed;

    [Inject]
    public required IJSRuntime JS { get; init; }

    /// <summary>Its accessible name.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>The code.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Raised when the user has changed it.</summary>
    [Parameter]
    public EventCallback<string> TextChanged { get; set; }

    /// <summary>What is marked in it as wrong.</summary>
    [Parameter]
    public IReadOnlyList<CodeProblem> Problems { get; set; } = [];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _self?.Dispose();
        await _module.EndAsync("destroy", _root);
    }

    /// <summary>One of the parts of the changed text; the last one completes it.</summary>
    [JSInvokable]
    public Task OnPart(int part, int count, string text)
    {
        if (part == 0)
        {
            _parts.Clear();
        }

        _parts.Append(text);
        if (part < count - 1)
        {
            return Task.CompletedTask;
        }

        _shown = _parts.ToString();
        return TextChanged.InvokeAsync(_shown);
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _module is null || _shown != Text || !ReferenceEquals(_marked, Problems);

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        try
        {
            if (firstRender)
            {
                await CreateAsync();
            }
            else if (_module is not null)
            {
                await UpdateAsync(_module);
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed; nobody writes any more.
        }
    }

    private async Task CreateAsync()
    {
        IJSObjectReference module = await JS.InvokeAsync<IJSObjectReference>("import", "./assets/editor.js");
        if (_disposed)
        {
            await module.DisposeAsync();
            return;
        }

        _module = module;
        _self = DotNetObjectReference.Create(this);
        _shown = Text;
        await module.InvokeVoidAsync("create", _root, _self, Text, Label, L["Tab indents. Press Escape, then Tab, to leave the editor."]);
        await UpdateAsync(module);
    }

    private async Task UpdateAsync(IJSObjectReference module)
    {
        if (_shown != Text)
        {
            _shown = Text;
            await module.InvokeVoidAsync("setText", _root, Text);
        }

        if (!ReferenceEquals(_marked, Problems))
        {
            _marked = Problems;
            await module.InvokeVoidAsync("mark", _root, Problems);
        }
    }
}
