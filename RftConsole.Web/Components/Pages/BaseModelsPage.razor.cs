using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Components.Dialogs;

namespace RftConsole.Web.Components.Pages;

/// <summary>The catalogue: what is there, what is on its way, and what is recommended.</summary>
public sealed partial class BaseModelsPage
{
    private readonly Dictionary<DecoderConfig, JobEstimate> _costs = [];
    private IReadOnlyList<CatalogueModel>? _models;
    private string? _refused;
    private string _hub = "";

    [Inject]
    public required IBaseModels Models { get; init; }

    [Inject]
    public required IHubSettings Hub { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Models.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _models = await Models.ListAsync(cancellationToken);
        try
        {
            _hub = (await Hub.ViewAsync(cancellationToken)).Endpoint;
        }
        catch (UserInputException unusable)
        {
            _refused = unusable.Message;
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // The machine's speed is measured once, behind a page that is there already.
        List<DecoderConfig> missing = _models is null ? [] : [.. _models.Select(model => model.Config).OfType<DecoderConfig>().Concat(RecommendedModels.All.Select(model => model.Config)).Where(config => !_costs.ContainsKey(config))];
        if (missing.Count == 0)
        {
            return;
        }

        try
        {
            foreach (DecoderConfig config in missing)
            {
                _costs[config] = await Models.CostAsync(config, Ended);
            }

            StateHasChanged();
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private JobEstimate? CostOf(DecoderConfig? config) => config is null ? null : _costs.GetValueOrDefault(config);

    private async Task AddAsync() => await Dialogs.ShowAsync<AddModelDialog>(L["Add model"], new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true });

    private async Task RemoveAsync(CatalogueModel model)
    {
        BaseModelUsers users = await Models.UsersAsync(model.Name, Ended);
        string files = model.Status is BaseModelStatus.Ready && Path.IsPathRooted(model.Source) ? L["Its files stay where they are."] : L["Its downloaded files are deleted."];
        string text = Named(Phrase("Its tuned models cannot work without it: {0}."), users.Models) + Named(Phrase("Deployments: {0}."), users.Deployments) + Named(Phrase("Jobs that used it: {0}."), users.Jobs) + files;
        if (await ConfirmDialog.AskAsync(Dialogs, L["Remove {0}?", model.Title], text, L["Remove"]))
        {
            await TryAsync(() => Models.RemoveAsync(model.Id));
        }
    }

    private static string Named(string what, IReadOnlyList<string> names) => names.Count == 0 ? "" : L[what, names.Count > 5 ? L["{0} and {1} more", string.Join(", ", names.Take(5)), names.Count - 5] : string.Join(", ", names)] + " ";

    private async Task TryAsync(Func<Task> action)
    {
        _refused = null;
        try
        {
            await action();
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
