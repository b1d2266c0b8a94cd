using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Reward function</em>: a template, a function of the library, or one that is written here.</summary>
public sealed partial class RewardSection : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<LibraryReward> _library = [];
    private IReadOnlyList<JobSummary> _earlier = [];
    private string _savedText = "";
    private string? _refused;

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    [Inject]
    public required IRewardLibrary Library { get; init; }

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    private List<LibraryReward> SavedChoices => [.. _library.Where(reward => reward.Type == Form.Reward.Type)];

    private string SavedId => Form.Reward is { Origin: RewardOrigin.Saved, Saved: { } saved } ? saved.Version.RewardId : "";

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _library = await Library.ListAsync(_ended.Token);
        _earlier = [.. (await Jobs.ListAsync(_ended.Token)).Where(job => job.RewardName.EndsWith(".py", StringComparison.Ordinal))];
        await ReadSavedAsync();
    }

    private string SavedTitle(string? id) => id switch
    {
        null or "" => L["None: choose or write one below"],
        _ when id == SavedId => Form.Reward.Saved!.Title,
        _ => _library.FirstOrDefault(reward => reward.Id == id) is { } reward ? L["{0}, version {1}", reward.Name, reward.LatestVersion] : "",
    };

    private async Task TakeSavedAsync(string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            Form.Reward.LeaveSaved();
            await ChangeAsync();
        }
        else if (await Library.FindAsync(id, _ended.Token) is { } entry)
        {
            Form.Reward.TakeSaved(new(entry.Reward.Name, entry.Latest));
            await ReadSavedAsync();
            await ChangeAsync();
        }
        else
        {
            _library = await Library.ListAsync(_ended.Token);
            _refused = L["This reward function has been deleted."];
        }
    }

    private async Task ReadSavedAsync()
    {
        try
        {
            _savedText = Form.Reward is { Origin: RewardOrigin.Saved, Saved: { } saved } ? (await RewardDraft.OpenAsync(saved.Version.Specification, RewardCode, _ended.Token)).Text : "";
        }
        catch (UserInputException unreadable)
        {
            _refused = unreadable.Message;
        }
    }

    private async Task ReuseAsync(string? id)
    {
        if (id is null || (await Jobs.FindAsync(id, _ended.Token))?.Specification.RewardFunction is not { File: not null } reward)
        {
            return;
        }

        try
        {
            RewardDraft earlier = await RewardDraft.OpenAsync(reward, RewardCode, _ended.Token);
            await ReplaceAsync(earlier.Code, earlier.Requirements, L["The code of the job takes the place of the code that you wrote."]);
        }
        catch (UserInputException refused)
        {
            _refused = refused.Message;
        }
    }

    private Task EditAsync(string code)
    {
        Form.Reward.Code = code;
        return ChangeAsync();
    }

    private Task TakeTypeAsync(string? type)
    {
        Form.Reward.TakeType(type ?? Form.Reward.Type);
        return ChangeAsync();
    }

    /// <summary>The judge and its limits stay; the template's words take the place of those that were there.</summary>
    private async Task TakeJudgeTemplateAsync(string? name)
    {
        RewardFunctionSpecification now = Form.Reward.Draft.Specification;
        bool written = now.Instructions is { } words && words != RewardDraft.BlankInstructions;
        if (!string.IsNullOrEmpty(name) && (!written || await ConfirmDialog.AskAsync(Dialogs, L["Replace your instructions?"], L["The template's instructions take the place of those that you wrote."], L["Replace"])))
        {
            Form.Reward.TakeSpecification(now with { Template = name, Instructions = null });
            await ChangeAsync();
        }
    }

    private Task UseTemplateAsync() => TakeTemplateAsync(Form.Reward.Template);

    private Task TakeTemplateAsync(string? name)
    {
        Form.Reward.TakeTemplate(name ?? "");
        return ChangeAsync();
    }

    private Task EditRequirementsAsync(string requirements)
    {
        Form.Reward.Requirements = requirements;
        return ChangeAsync();
    }

    private Task TakeCodeAsync(string code, string requirements = "")
    {
        Form.Reward.TakeCode(code, requirements);
        return ChangeAsync();
    }

    private async Task StartFromTemplateAsync()
    {
        if (RewardTemplates.Find(Form.Reward.Template)?.Source is { } source)
        {
            await ReplaceAsync(source, "", L["The template's code takes the place of the code that you wrote."]);
        }
    }

    private async Task ReplaceAsync(string code, string requirements, string warning)
    {
        if (!Form.Reward.HasOwnWords || Form.Reward.Code == code || await ConfirmDialog.AskAsync(Dialogs, L["Replace your code?"], warning, L["Replace"]))
        {
            await TakeCodeAsync(code, requirements);
        }
    }

    private RewardDraft DraftOfForm() => Form.Reward.CodeOrDraft;

    /// <summary>The job then runs the version that is saved.</summary>
    private async Task SaveAsync()
    {
        if (DraftOfForm().Problem is { } problem)
        {
            _refused = problem;
            return;
        }

        string? id = null;
        if (await NameDialog.AskAsync(Dialogs, L["Save to the library"], L["Save"], "", async name => id = await Library.CreateAsync(name, await DraftOfForm().SpecifyAsync(RewardCode, _ended.Token), "Written for a job", _ended.Token)))
        {
            _library = await Library.ListAsync(_ended.Token);
            await TakeSavedAsync(id);
        }
    }

    private Task ChangeAsync()
    {
        _refused = null;
        return Changed.InvokeAsync();
    }
}
