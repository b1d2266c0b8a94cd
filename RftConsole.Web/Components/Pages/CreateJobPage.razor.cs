using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Components.Drafts;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;
using RftConsole.Web.Security;
using RftConsole.Web.Settings;

namespace RftConsole.Web.Components.Pages;

/// <summary>The wizard: its step stands in the address, its fields in the circuit.</summary>
public sealed partial class CreateJobPage : IDisposable
{
    /// <summary>A reward function that takes longer than this to be tried does not hold a job up.</summary>
    private static readonly TimeSpan s_longestProbing = TimeSpan.FromSeconds(5);

    /// <summary>A larger model is not loaded, and kept in memory, for a look at the review.</summary>
    private const long MostParametersTried = 400_000_000;

    private readonly CancellationTokenSource _ended = new();
    private readonly JobForm _form = new();
    private readonly Dictionary<string, string> _refused = [];
    private IReadOnlyDictionary<string, string> _shown = new Dictionary<string, string>();
    private ElementReference _body;
    private bool _asked;
    private bool _sectionChanged;
    private bool _creating;
    private string? _failure;
    private string? _notice;
    private JobEstimate? _estimate;
    private ProbeRun? _probes;
    private string? _enteredSection;
    private Draft? _draft;
    private bool _started;

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    [Inject]
    public required IEncryptionKeys EncryptionKeys { get; init; }

    [Inject]
    public required IRewardTrial RewardTrial { get; init; }

    [Inject]
    public required IRewardLibrary RewardLibrary { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required IHyperparameterDefaults Defaults { get; init; }

    [Inject]
    public required IBaseModels BaseModels { get; init; }

    [Inject]
    public required ICustomModels CustomModels { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>The step that is shown.</summary>
    [SupplyParameterFromQuery(Name = "section")]
    public string? SectionKey { get; set; }

    /// <summary>An uploaded data set to start with.</summary>
    [SupplyParameterFromQuery(Name = "dataset")]
    public string? DataSetId { get; set; }

    /// <summary>Which version of it; the current one where none is named.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    public int? DataSetVersion { get; set; }

    /// <summary>A base model to start with.</summary>
    [SupplyParameterFromQuery(Name = "model")]
    public string? BaseModelName { get; set; }

    /// <summary>A reward function of the library to start with.</summary>
    [SupplyParameterFromQuery(Name = "reward")]
    public string? RewardId { get; set; }

    /// <summary>A sample task whose job the wizard starts with.</summary>
    [SupplyParameterFromQuery(Name = "sample")]
    public string? SampleName { get; set; }

    /// <summary>An earlier job whose choices the wizard starts with.</summary>
    [SupplyParameterFromQuery(Name = "from")]
    public string? FromJobId { get; set; }

    private FormBeginning Beginning => new(BaseModelName, SampleName, FromJobId, RewardId, DataSetId, DataSetVersion);

    private bool ModelIsSmall => _form.ChosenModel?.Config is { ParameterCount: <= MostParametersTried };

    private int Position => Math.Max(0, WizardSection.All.ToList().FindIndex(section => section.Key == SectionKey));

    private WizardSection Current => WizardSection.All[Position];

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
        _probes?.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _probes = new(RewardTrial, () => _ = InvokeAsync(StateHasChanged));
        _form.BaseModelChoices = [.. (await BaseModels.ListAsync(_ended.Token)).Where(model => model.Status == BaseModelStatus.Ready)];
        _form.TunedChoices = [.. (await CustomModels.ListAsync(_ended.Token)).Where(tuned => _form.BaseModelChoices.Any(model => model.Name == tuned.BaseModel))];
        _form.EncryptionKey = await EncryptionKeys.DefaultAsync(_ended.Token);
        _form.TakeHyperparameters(HyperparameterDefaults.Fit(await Defaults.FindAsync(_ended.Token), _form.ChosenModel?.Config?.ContextLength ?? int.MaxValue));
        if (!await new FormStart(_form, _refused, Jobs, DataSets, RewardCode, RewardLibrary).TakeAsync(Beginning, _ended.Token))
        {
            _notice = L["The job to clone has been deleted: this is a new one, with the defaults."];
        }

        Check();
        _started = true;
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_enteredSection == Current.Key)
        {
            return;
        }

        _sectionChanged = _enteredSection is not null;
        _enteredSection = Current.Key;
        if (Current.Key == WizardSection.Review)
        {
            _asked = true;
            Check();
        }

        if (Current.Key is WizardSection.Review or "hyperparameters")
        {
            await EstimateAsync();
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_sectionChanged)
        {
            // A step is a new place: keyboard and screen reader go on at its beginning.
            _sectionChanged = false;
            await _body.FocusAsync();
        }
    }

    private static string Link(WizardSection section) => "/jobs/create?section=" + section.Key;

    private bool HasErrors(WizardSection section) => section.Fields.Any(_shown.ContainsKey);

    private void Go(int position) => Navigation.NavigateTo(Link(WizardSection.All[position]));

    private void Review()
    {
        _asked = true;
        Check();
        WizardSection? faulty = WizardSection.All.FirstOrDefault(HasErrors);
        Navigation.NavigateTo(Link(faulty ?? WizardSection.All[^1]));
    }

    private async Task RestoreAsync(string draft)
    {
        await JobFormDraft.RestoreAsync(draft, _form, DataSets, RewardLibrary, _ended.Token);
        OnChanged();
    }

    private void OnChanged()
    {
        // What a service refused may be right now; it is asked again at the review.
        _refused.Clear();
        _failure = null;
        Check();
    }

    private void Check()
    {
        IReadOnlyDictionary<string, string> errors = _form.Validate();
        // A name that nobody has typed yet is no mistake until the review is asked for, nor is a file or a reward function that is still to come.
        Dictionary<string, string> shown = errors.Where(error => _asked || error.Key is not ("name" or "trainingData" or "rewardFunction")).ToDictionary();
        foreach ((string field, string message) in _refused)
        {
            shown.TryAdd(field, message);
        }

        _shown = shown;
    }

    private async Task EstimateAsync()
    {
        IReadOnlyDictionary<string, string> errors = _form.Validate();
        if (errors.Keys.Any(field => field is not ("name" or "customModelName")))
        {
            return;
        }

        _estimate = null;
        StateHasChanged();
        try
        {
            JobSpecification specification = await SpecifyAsync();
            if (Current.Key == WizardSection.Review)
            {
                _probes!.Begin(specification, ModelIsSmall);
            }

            // Hyperparameters are fitted before there is a name; the estimate does not depend on it.
            _estimate = await Jobs.EstimateAsync(specification.Name.Length == 0 ? specification with { Name = "estimate", CustomModelName = null } : specification, _ended.Token);
        }
        catch (UserInputException refused)
        {
            Refuse(refused);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private async Task CreateAsync()
    {
        _asked = true;
        Check();
        if (_shown.Count > 0)
        {
            return;
        }

        _creating = true;
        try
        {
            JobSpecification specification = await SpecifyAsync();
            await RequireUsableCodeAsync();
            if (!await RewardIsAcceptedAsync(specification))
            {
                return;
            }

            string id = await Jobs.CreateAsync(specification, _ended.Token);
            if (_form.Reward is { Origin: RewardOrigin.Saved, Saved: { } saved })
            {
                await RewardLibrary.RecordUseAsync(id, saved.Version.Id);
            }

            await _draft!.ForgetAsync();
            Navigation.NavigateTo("/jobs/" + id);
        }
        catch (UserInputException refused)
        {
            Refuse(refused);
        }
        finally
        {
            _creating = false;
        }
    }

    /// <summary>The job; its own reward code is in a file then.</summary>
    private async Task<JobSpecification> SpecifyAsync()
    {
        _form.Reward.Kept = _form.Reward.IsOwnCode ? await _form.Reward.CodeOrDraft.SpecifyAsync(RewardCode, _ended.Token) : null;
        return _form.ToSpecification();
    }

    /// <summary>What the job would find wrong with the code in its first phase is said here, where it can be mended.</summary>
    private async Task RequireUsableCodeAsync()
    {
        RewardDraft? code = _form.Reward switch
        {
            { IsOwnCode: true } own => own.CodeOrDraft,
            { Origin: RewardOrigin.Saved, Saved.Version.Specification: { File: not null } saved } => await RewardDraft.OpenAsync(saved, RewardCode, _ended.Token),
            _ => null,
        };
        if (code is not null && await RewardCode.CheckAsync(code.Code, code.Requirements, _ended.Token) is { } problem)
        {
            throw new FieldInputException("rewardFunction", $"Reward function: {problem.Message}");
        }
    }

    /// <summary>Asks before a job starts with a reward that pays for the wrong responses.</summary>
    private async Task<bool> RewardIsAcceptedAsync(JobSpecification specification)
    {
        _probes!.Begin(specification, ModelIsSmall);
        // A template on the data that it comes with is known to be good: it is tried for all to see, but not waited for, and its dry run is not asked about.
        bool known = _form.Reward.IsTemplate && specification.TrainingData.SampleData is not null;
        if (_probes.Running && !known)
        {
            await _probes.WaitAsync(s_longestProbing, dryRun: !_form.Reward.IsTemplate);
        }

        IReadOnlyList<string> problems = known ? [.. (_probes.Report?.Findings ?? []).Select(finding => finding.Saying.InReadersLanguage())] : _probes.Problems;
        if (problems.Count == 0 || _probes.Accepted)
        {
            return true;
        }

        _probes.Accepted = await ConfirmDialog.AskAsync(Dialogs, L["{0}. Start the job all the same?", ProbeSummary.Title(_probes)], string.Join(" ", problems.Take(3)), L["Start the job"], L["Go back"]);
        return _probes.Accepted;
    }

    private void Refuse(UserInputException refused)
    {
        FieldMessage message = FieldMessage.Of(refused);
        if (message.Field is null)
        {
            _failure = message.Text;
        }
        else
        {
            _refused[message.Field] = message.Text;
        }

        Check();
    }
}
