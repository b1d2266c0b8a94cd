using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using MudBlazor;

using RftConsole.Training.Text;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Playground;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>A conversation as code that calls the HTTP API, and the way to a lasting name for what is called.</summary>
public sealed partial class ApiCodeDialog : IAsyncDisposable
{
    private const string Curl = "curl";
    private const string Python = "Python";
    private const string CSharp = "C#";

    private static readonly string[] s_languages = [Curl, Python, CSharp];

    private string _language = Curl;
    private string? _copied;
    private Deployment? _deployed;
    private IDisposable? _subscription;
    private IJSObjectReference? _module;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required ICustomModels Models { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required IJSRuntime JS { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is called, in words.</summary>
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>The name that the API knows; null where it knows none.</summary>
    [Parameter, EditorRequired]
    public string? ApiName { get; set; }

    /// <summary>The custom model and the step that would be deployed; null of a base model, and before a job has made one.</summary>
    [Parameter]
    public string? ModelId { get; set; }

    [Parameter]
    public int? Step { get; set; }

    /// <summary>Whether it is a tuned model without a deployment.</summary>
    [Parameter]
    public bool NeedsDeployment { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChatMessage> Messages { get; set; }

    [Parameter, EditorRequired]
    public required PlaygroundSettings Settings { get; set; }

    private string? Model => _deployed?.Name ?? ApiName;

    private string Text
    {
        get
        {
            ApiCode code = new(Navigation.BaseUri.TrimEnd('/') + "/v1", Model!, Messages, Settings);
            return _language switch { Curl => code.ToCurl(), Python => code.ToPython(), _ => code.ToCSharp() };
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        await _module.EndAsync();
    }

    private void Choose(string language) => (_language, _copied) = (language, null);

    private async Task CopyAsync()
    {
        _module ??= await JS.InvokeAsync<IJSObjectReference>("import", PlaygroundKeys.Script);
        _copied = await _module.InvokeAsync<bool>("copy", Text) ? L["Copied."] : L["The browser gives this page no clipboard: select the text and copy it."];
    }

    private async Task DeployAsync()
    {
        if (await Models.FindAsync(ModelId!) is not { } model)
        {
            return;
        }

        DialogParameters<DeployDialog> parameters = new() { { dialog => dialog.Model, model }, { dialog => dialog.Step, Step } };
        IDialogReference shown = await Dialogs.ShowAsync<DeployDialog>(L["Deploy for on-demand"], parameters, new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
        if (await shown.Result is { Canceled: false, Data: string id })
        {
            _subscription?.Dispose();
            _subscription = Deployments.Subscribe(() => InvokeAsync(() => ShowAsync(id)));
            await ShowAsync(id);
        }
    }

    private async Task ShowAsync(string id)
    {
        (_deployed, _copied) = (await Deployments.FindAsync(id), null);
        StateHasChanged();
    }
}
