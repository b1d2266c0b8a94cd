using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Drafts;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks for a name and a checkpoint and deploys; it stays open, with everything in it, when the service refuses.</summary>
public sealed partial class DeployDialog
{
    private string _name = "";
    private readonly List<TagEntry> _tags = [];
    private string _description = "";
    private bool _logging;
    private int _step;
    private bool _started;
    private bool _busy;
    private Draft? _draft;
    private string? _nameError;
    private string? _failure;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is deployed.</summary>
    [Parameter, EditorRequired]
    public required CustomModel Model { get; set; }

    /// <summary>The checkpoint that is proposed; null for the best one.</summary>
    [Parameter]
    public int? Step { get; set; }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _step = Step ?? Model.BestStep;
        IReadOnlyList<Deployment> deployments = await Deployments.ListAsync();
        _name = FreeName(Model.Name, [.. deployments.Select(deployment => deployment.Name)]);
        _started = true;
    }

    private static string FreeName(string wanted, HashSet<string> taken)
    {
        string name = wanted;
        for (int number = 2; taken.Contains(name); number++)
        {
            name = $"{wanted}-{number}";
        }

        return name;
    }

    /// <summary>A checkpoint as lists show it.</summary>
    internal static string Title(CustomModel model, int step)
    {
        ModelCheckpoint? checkpoint = model.Checkpoints.FirstOrDefault(checkpoint => checkpoint.Step == step);
        string title = step == model.BestStep ? L["Step {0} (best)", step] : L["Step {0}", step];
        return checkpoint?.ValidationReward is { } value ? L["{0}, validation reward {1}", title, Display.Number(value)] : title;
    }

    private string Title(int step) => Title(Model, step);

    private void Forget() => (_nameError, _failure) = (null, null);

    private void Restore(string text)
    {
        DeploymentDraft kept = DeploymentDraft.Read(text);
        (_name, _description, _logging) = (kept.Name, kept.Description, kept.Logging);
        _step = Model.Checkpoints.Any(checkpoint => checkpoint.Step == kept.Step) ? kept.Step : _step;
        _tags.Clear();
        _tags.AddRange(kept.Tags);
    }

    private async Task CancelAsync()
    {
        await Draft.ForgetAsync(_draft);
        Dialog.Cancel();
    }

    private async Task DeployAsync()
    {
        Forget();
        if (string.IsNullOrWhiteSpace(_name))
        {
            _nameError = L["Enter a deployment name."];
            return;
        }

        _busy = true;
        try
        {
            string id = await Deployments.DeployAsync(new DeploymentRequest(Model.Id, _name.Trim(), _description.Trim(), _step == Model.BestStep ? null : _step, TagEntry.ToTags(_tags)) { InvocationLogging = _logging });
            await Draft.ForgetAsync(_draft);
            Dialog.Close(DialogResult.Ok(id));
        }
        catch (UserInputException refused)
        {
            const string aboutName = "Deployment name: ";
            if (refused.Message.StartsWith(aboutName, StringComparison.Ordinal))
            {
                _nameError = refused.Message[aboutName.Length..];
            }
            else
            {
                _failure = refused.Message;
            }
        }
        finally
        {
            _busy = false;
        }
    }
}
