using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Pages;

/// <summary>One custom model.</summary>
public sealed partial class ModelPage
{
    private CustomModel? _model;
    private bool _missing;
    private string? _refused;

    [Inject]
    public required ICustomModels Models { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    /// <inheritdoc />
    protected override object? Scope => Id;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Models.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _model = await Models.FindAsync(Id, cancellationToken);
        _missing = _model is null;
    }

    private static IEnumerable<string> MetricNames(CustomModel model) =>
        (model.Final?.Keys ?? []).Union(model.Baseline?.Keys ?? []).Where(name => name.StartsWith("eval/", StringComparison.Ordinal));

    private static string MetricTitle(string name) => name switch
    {
        "eval/reward" => "Reward",
        "eval/accuracy" => "Accuracy",
        "eval/completions/mean_length" => "Mean length (tokens)",
        _ => name["eval/".Length..],
    };

    private static string MetricValue(string name, IReadOnlyDictionary<string, double>? metrics) =>
        metrics is null || !metrics.TryGetValue(name, out double value) ? Display.None
        : name == "eval/accuracy" ? Display.Percent(value)
        : Display.Number(value);

    private async Task DeleteAsync()
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, "Delete this model?", "Its adapter is deleted for good. Deployments of it have to be deleted before.", "Delete"))
        {
            return;
        }

        try
        {
            await Models.DeleteAsync(Id, Ended);
            Navigation.NavigateTo("/models");
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }
    }
}
