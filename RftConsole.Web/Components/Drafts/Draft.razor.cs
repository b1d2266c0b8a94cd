using System.Text.Json;

using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Drafts;

/// <summary>
/// Keeps what is typed in a form, in this tab of the browser: a page whose connection or server has gone is loaded again, and its form is as it was. Whoever comes to the form in
/// another way begins anew and can go on with what was left.
/// </summary>
public sealed partial class Draft : IAsyncDisposable
{
    private IJSObjectReference? _module;
    private string? _kept;
    private string? _offered;
    private string? _untouched;
    private bool _restored;
    private bool _started;
    private bool _forgotten;

    [Inject]
    public required IJSRuntime JS { get; init; }

    /// <summary>Which form.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>What the form began with, such as its address names it: a draft of another beginning is not taken by itself. Empty fits all.</summary>
    [Parameter]
    public string Start { get; set; } = "";

    /// <summary>The form as text; equal texts are equal forms.</summary>
    [Parameter, EditorRequired]
    public required Func<string> Write { get; set; }

    /// <summary>Fills the form with such a text; an exception of JSON says that it is none.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> Restore { get; set; }

    /// <summary>To be called once the form has done its work.</summary>
    public async Task ForgetAsync()
    {
        _forgotten = true;
        (_offered, _restored) = (null, false);
        if (_module is not null)
        {
            await _module.InvokeVoidAsync("forget", Name);
        }
    }

    /// <summary>The same for a form that may not be drawn yet.</summary>
    public static Task ForgetAsync(Draft? draft) => draft?.ForgetAsync() ?? Task.CompletedTask;

    /// <summary>To be called once what is in the form is kept elsewhere, and more may come.</summary>
    public async Task RestartAsync()
    {
        await ForgetAsync();
        _forgotten = false;
        _untouched = _kept = Write();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Where the connection was lost, the draft stays, and the form comes back.
        await _module.EndAsync("leave", Name);
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _untouched = _kept = Write();
            _module = await JS.InvokeAsync<IJSObjectReference>("import", "./Components/Drafts/Draft.razor.js");
            await TakeAsync(await _module.InvokeAsync<KeptDraft?>("find", Name));
            _started = true;
        }
        else if (_started)
        {
            await KeepAsync();
        }
    }

    private async Task TakeAsync(KeptDraft? found)
    {
        if (found is null || found.Text == _untouched)
        {
            return;
        }

        if (found.Reloaded && (Start.Length == 0 || found.Start == Start))
        {
            await RestoreAsync(found.Text);
        }
        else
        {
            _offered = found.Text;
        }

        StateHasChanged();
    }

    private async Task KeepAsync()
    {
        string now = Write();
        if (_forgotten || now == _kept || _module is null)
        {
            return;
        }

        _kept = now;
        if (now == _untouched)
        {
            await _module.InvokeVoidAsync("forget", Name);
        }
        else
        {
            await _module.InvokeVoidAsync("keep", Name, Start, now);
        }
    }

    private async Task AcceptAsync()
    {
        await RestoreAsync(_offered!);
        _offered = null;
    }

    private async Task DiscardAsync()
    {
        _offered = null;
        await _module!.InvokeVoidAsync("forget", Name);
    }

    private async Task ClearAsync()
    {
        _restored = false;
        await Restore.InvokeAsync(_untouched!);
    }

    private async Task RestoreAsync(string text)
    {
        try
        {
            await Restore.InvokeAsync(text);
            _restored = true;
        }
        catch (Exception problem) when (problem is JsonException or InvalidDataException)
        {
            // Of another version of the console: nobody can use it any more.
            await _module!.InvokeVoidAsync("forget", Name);
        }
    }
}

/// <summary>What the browser has of a form.</summary>
/// <param name="Text">The form.</param>
/// <param name="Start">What it began with.</param>
/// <param name="Reloaded">Whether the page was loaded again just now, so that its user expects what was there.</param>
public sealed record KeptDraft(string Text, string Start, bool Reloaded);
