using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Components.Drafts;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Rewards;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Components.Pages;

/// <summary>One reward function: its editor, what it does to real responses, and its versions.</summary>
public sealed partial class RewardPage
{
    private static readonly string[] _tabs = ["function", "dry-run", "probes", "examples", "versions"];

    private RewardEntry? _entry;
    private IReadOnlyList<RewardUser> _users = [];
    private RewardDraft? _draft;
    private Draft? _kept;
    private string _latestText = "";
    private string _note = "";
    private string? _loadedId;
    private string? _refused;
    private string? _saved;
    private bool _missing;
    private bool _saving;

    [Inject]
    public required IRewardLibrary Library { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    [Inject]
    public required IGradedExamples Examples { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    public string? Tab { get; set; }

    /// <summary>The version to show.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    public int? AskedVersion { get; set; }

    /// <inheritdoc />
    protected override object? Scope => Id;

    private int ActiveTab => Math.Max(0, Array.IndexOf(_tabs, Tab));

    private bool Changed => _draft is { } draft && draft.Text != _latestText;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Library.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_loadedId != Id)
        {
            (_loadedId, _draft, _note, _refused, _saved) = (Id, null, "", null, null);
        }

        _entry = await Library.FindAsync(Id, cancellationToken);
        _missing = _entry is null;
        if (_entry is null)
        {
            return;
        }

        _users = await Library.UsersAsync(Id, cancellationToken);
        try
        {
            RewardDraft latest = await RewardDraft.OpenAsync(_entry.Latest.Specification, RewardCode, cancellationToken);
            _latestText = latest.Text;
            // What is being written stays, whatever is saved elsewhere.
            _draft ??= latest;
        }
        catch (UserInputException unreadable)
        {
            _refused = unreadable.Message;
        }
    }

    private void OpenTab(int index)
    {
        // The tabs say -1 when their last panel goes with the page.
        if (index >= 0 && index != ActiveTab)
        {
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["tab"] = index == 0 ? null : _tabs[index], ["version"] = null }));
        }
    }

    private void Edit() => _saved = null;

    private void TakeDraft(string text)
    {
        RewardDraftText kept = StoredJson.Read<RewardDraftText>(text);
        _draft = new() { Specification = kept.Specification, Code = kept.Code, Requirements = kept.Requirements };
    }

    private async Task SaveAsync()
    {
        _saving = true;
        await TryAsync(async () =>
        {
            if (_draft!.Type != RewardFunctionSpecification.CustomCode && _draft.Problem is { } problem)
            {
                throw new UserInputException(problem);
            }

            RewardVersion version = await Library.SaveAsync(Id, await _draft.SpecifyAsync(RewardCode, Ended), _note, Ended);
            _saved = L["Version {0} is saved.", version.Number];
            await _kept!.RestartAsync();
            _note = "";
            await LoadAsync(Ended);
        });
        _saving = false;
    }

    private Task KeepGradeAsync(HandGrade given) => TryAsync(() => Examples.GradeAsync(Id, given.Record, given.Response, given.Grade, Ended));

    private async Task RestoreAsync(RewardVersion version)
    {
        if (Changed && !await ConfirmDialog.AskAsync(Dialogs, L["Replace what is in the editor?"], L["The changes in the editor are not saved and would be gone."], L["Replace"]))
        {
            return;
        }

        await TryAsync(async () =>
        {
            _draft = await RewardDraft.OpenAsync(version.Specification, RewardCode, Ended);
            _note = version.Number == _entry!.Latest.Number ? "" : L["Back to version {0}", version.Number];
            _saved = version.Number == _entry.Latest.Number ? null : L["Version {0} is in the editor; save it to make it the latest.", version.Number];
            OpenTab(0);
        });
    }

    private async Task RenameAsync()
    {
        if (await NameDialog.AskAsync(Dialogs, L["Rename reward function"], L["Rename"], _entry!.Reward.Name, name => Library.RenameAsync(Id, name, Ended)))
        {
            await LoadAsync(Ended);
        }
    }

    private Task DeleteAsync() => TryAsync(async () =>
    {
        if (await DeletedReward.AskAsync(Dialogs, Library, Id, _entry!.Reward.Name, Ended))
        {
            _draft = null;
            Navigation.NavigateTo("/rewards");
        }
    });

    /// <summary>Another tab of this page is no leaving.</summary>
    private async Task ConfirmLeaveAsync(LocationChangingContext leaving)
    {
        string target = Navigation.ToAbsoluteUri(leaving.TargetLocation).AbsolutePath;
        if (Changed && target != "/rewards/" + Id && !await ConfirmDialog.AskAsync(Dialogs, L["Leave without saving?"], L["The changes in the editor are not saved and would be gone."], L["Leave"], L["Stay"]))
        {
            leaving.PreventNavigation();
        }
    }

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
    }
}
