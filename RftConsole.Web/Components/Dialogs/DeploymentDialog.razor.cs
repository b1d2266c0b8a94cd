using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Web.Components.Drafts;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Description, tags and invocation logging of a deployment.</summary>
public sealed partial class DeploymentDialog
{
    private readonly List<TagEntry> _tags = [];
    private string _description = "";
    private bool _logging;
    private string? _failure;
    private bool _busy;
    private Draft? _draft;

    [Inject]
    public required IDeployments Deployments { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>What is edited.</summary>
    [Parameter, EditorRequired]
    public required Deployment Deployment { get; set; }

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        _description = Deployment.Description;
        _logging = Deployment.InvocationLogging;
        _tags.AddRange(Deployment.Tags.Select(tag => new TagEntry { Key = tag.Key, Value = tag.Value }));
    }

    private void Restore(string text)
    {
        DeploymentDraft kept = DeploymentDraft.Read(text);
        (_description, _logging) = (kept.Description, kept.Logging);
        _tags.Clear();
        _tags.AddRange(kept.Tags);
    }

    private async Task CancelAsync()
    {
        await Draft.ForgetAsync(_draft);
        Dialog.Cancel();
    }

    private async Task SaveAsync()
    {
        (_failure, _busy) = (null, true);
        try
        {
            await Deployments.UpdateAsync(Deployment.Id, new() { Description = _description.Trim(), Tags = TagEntry.ToTags(_tags), InvocationLogging = _logging });
            await Draft.ForgetAsync(_draft);
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
