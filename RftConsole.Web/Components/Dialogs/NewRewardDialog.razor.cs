using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Dialogs;

/// <summary>Asks for a name and what to start from, and puts the new function in the library; it stays open, with everything in it, when the library refuses.</summary>
public sealed partial class NewRewardDialog
{
    private const string BlankStart = "";
    private const string UploadStart = "upload";

    private string _name = "";
    private string? _proposed;
    private string _start = BlankStart;
    private string? _fileName;
    private string? _uploaded;
    private string? _nameError;
    private string? _failure;
    private bool _busy;

    [Inject]
    public required IRewardLibrary Library { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>A template's name to start from.</summary>
    [Parameter]
    public string? Template { get; set; }

    private static IEnumerable<string> Starts => [BlankStart, UploadStart, .. RewardDraft.BlankTypes, .. RewardTemplates.All.Select(template => template.Name)];

    private string Explanation => _start switch
    {
        BlankStart => L["A few lines that compare the response with the reference answer."],
        UploadStart => L["Functions that were written for Amazon Bedrock run as they are."],
        _ => RewardTemplates.Find(_start) is { } template ? L[template.Description] : RewardDraft.Explanation(_start),
    };

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        if (Template is not null)
        {
            StartFrom(Template);
        }
    }

    private static string Title(string? start) => start switch
    {
        null or BlankStart => L["Blank function"],
        UploadStart => L["Upload a .py file"],
        _ => RewardTemplates.Find(start) is { } template ? L[template.Title] : L["Blank: {0}", L[RewardTypes.Title(start)]],
    };

    private void Forget() => (_nameError, _failure) = (null, null);

    private void StartFrom(string? start)
    {
        _start = start ?? BlankStart;
        // A name that nobody typed follows the choice.
        if (_name.Length == 0 || _name == _proposed)
        {
            _name = _proposed = RewardTemplates.Find(_start) is { } template ? "my-" + template.Name : "";
        }
    }

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        Forget();
        try
        {
            _uploaded = await RewardUpload.ReadAsync(chosen.File);
            _fileName = chosen.File.Name;
            if (_name.Length == 0 || _name == _proposed)
            {
                _name = _proposed = RewardUpload.NameOf(chosen.File.Name);
            }
        }
        catch (UserInputException refused)
        {
            (_uploaded, _fileName, _failure) = (null, null, refused.Message);
        }
    }

    private async Task CreateAsync()
    {
        Forget();
        if (_start == UploadStart && _uploaded is null)
        {
            _failure = L["Choose a .py file to upload."];
            return;
        }

        _busy = true;
        try
        {
            RewardDraft draft = _start == UploadStart ? RewardDraft.OfCode(_uploaded!) : RewardDraft.Start(_start);
            string note = RewardTemplates.Find(_start) is { } template ? $"From the template {template.Name}" : _fileName is not null && _start == UploadStart ? $"Uploaded as {_fileName}" : "";
            string id = await Library.CreateAsync(_name, await draft.SpecifyAsync(RewardCode), note);
            Dialog.Close(DialogResult.Ok(id));
        }
        catch (UserInputException refused)
        {
            const string aboutName = "Name: ";
            bool named = refused.Message.StartsWith(aboutName, StringComparison.Ordinal);
            (_nameError, _failure) = named ? (refused.Message[aboutName.Length..], (string?)null) : (null, refused.Message);
        }
        finally
        {
            _busy = false;
        }
    }
}
