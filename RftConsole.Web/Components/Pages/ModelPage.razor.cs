using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Pages;

/// <summary>One custom model.</summary>
public sealed partial class ModelPage
{
    private const string RewardPrefix = "eval/rewards/";
    private const string MeanSuffix = "/mean";

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

    /// <summary>The three that every job has, then the reward function's own.</summary>
    private static IEnumerable<string> ShownMetrics(CustomModel model) =>
        new[] { MetricNames.ValidationAccuracy, MetricNames.ValidationReward, MetricNames.ValidationMeanLength }
            .Union((model.Final?.Keys ?? []).Union(model.Baseline?.Keys ?? []).Where(name => name.StartsWith(RewardPrefix, StringComparison.Ordinal) && name.EndsWith(MeanSuffix, StringComparison.Ordinal)));

    private static string MetricTitle(string name) => name switch
    {
        MetricNames.ValidationReward => L["Reward"],
        MetricNames.ValidationAccuracy => L["Accuracy"],
        MetricNames.ValidationMeanLength => L["Mean length (tokens)"],
        _ => L["Reward metric: {0}", name[RewardPrefix.Length..^MeanSuffix.Length]],
    };

    private static string MetricValue(string name, IReadOnlyDictionary<string, double>? metrics) =>
        metrics is null || !metrics.TryGetValue(name, out double value) ? Display.None
        : name == MetricNames.ValidationAccuracy ? Display.Percent(value)
        : name == MetricNames.ValidationMeanLength ? Display.Number(Math.Round(value, 1))
        : Display.Number(value);

    private async Task DeleteAsync()
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, L["Delete this model?"], L["Its adapter is deleted for good. Deployments of it have to be deleted before."] + (_model?.EncryptionKey is null ? "" : " " + L["It is encrypted: its data key is destroyed, and copies of its files cannot be read any more."]), L["Delete"]))
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
