using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Chooses which model, or which checkpoint of it, a deployment answers with.</summary>
public sealed partial class PointDialog
{
    private IReadOnlyList<CustomModel> _models = [];
    private CustomModel? _model;
    private int _step;
    private string? _failure;
    private bool _busy;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required ICustomModels Models { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is changed.</summary>
    [Parameter, EditorRequired]
    public required Deployment Deployment { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _models = await Models.ListAsync();
        _model = _models.FirstOrDefault(model => model.Id == Deployment.ModelId) ?? _models.FirstOrDefault();
        _step = Deployment.Step;
    }

    private string NameOf(string id) => _models.FirstOrDefault(model => model.Id == id)?.Name ?? "";

    private string Title(int step) => DeployDialog.Title(_model!, step);

    private void Choose(string id)
    {
        _failure = null;
        _model = _models.First(model => model.Id == id);
        _step = _model.BestStep;
    }

    private async Task PointAsync()
    {
        (_failure, _busy) = (null, true);
        try
        {
            await Deployments.UpdateAsync(Deployment.Id, new() { ModelId = _model!.Id, Step = _step });
            Dialog.Close(DialogResult.Ok(true));
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}
