using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;

using MudBlazor;

using RftConsole.Training.Text;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Components.Playground;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;
using RftConsole.Web.Security;

namespace RftConsole.Web.Components.Pages;

/// <summary>Several models answer the same. Who, what and how stands in the address.</summary>
public sealed partial class PlaygroundPage
{
    // Addresses that the page wrote itself: the browser tells of each later, perhaps when the next one is written already.
    private readonly List<string> _written = [];
    private IReadOnlyList<PlaygroundTarget>? _targets;
    private IReadOnlyList<string?> _wanted = [null, null];
    private PlaygroundSession _session = null!;
    private PromptPicker _picker = null!;
    private PromptDraft _draft = null!;
    private string _followUp = "";
    private int? _editing;
    private bool _probabilities;
    private string? _promptError;
    private string? _lost;
    private bool _started;
    private ElementReference _answers;

    [Inject]
    public required IPlayground Playground { get; init; }

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required ICustomModels Models { get; init; }

    [Inject]
    public required IValidationSets Sets { get; init; }

    [Inject]
    public required IModelComparison Comparison { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>Who is signed in.</summary>
    [CascadingParameter]
    public Task<AuthenticationState>? Session { get; set; }

    private IEnumerable<(string Name, string Id)> Compared => _session.Columns.Index().Where(column => column.Item.TargetId is not null).Select(column => (TitleOf(column.Index), column.Item.TargetId!));

    /// <inheritdoc />
    protected override void OnInitialized()
    {
        _session = new(Playground, Comparison);
        _session.Changed += OnSessionChanged;
        _picker = new(Sets);
        _draft = new(_picker);
        Navigation.LocationChanged += OnLocationChanged;
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        if (!_started)
        {
            _started = true;
            _draft.MayGrade = await Session.AllowsAsync(ConsoleRole.Builder);
            await ReadAddressAsync();
        }
    }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Deployments.Subscribe(changed), Models.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _picker.LoadAsync(cancellationToken);
        _targets = await Playground.TargetsAsync(cancellationToken);
        if (!_session.Running && _session.Columns.Count > 0)
        {
            ChooseColumns();
        }
    }

    /// <inheritdoc />
    protected override void OnDisposed()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        _session.Changed -= OnSessionChanged;
        _session.Dispose();
    }

    private async Task ReadAddressAsync()
    {
        PlaygroundAddress address = PlaygroundAddress.Parse(Navigation.Uri);
        (_wanted, _promptError, _editing) = (address.Targets, null, null);
        _draft.Read(address);
        _session.Stop();
        _session.Clear();
        ChooseColumns();
        bool isLost = _wanted.OfType<string>().Any(id => ColumnChoices.Find(_targets!, id) is null);
        _lost = isLost ? L["A model of this address is here no more, and another stands in its place."] : null;
        if (address.Record is { } record)
        {
            await _picker.GoAsync(record - 1, Ended);
            _draft.TakeRecord();
        }
    }

    private void ChooseColumns()
    {
        _session.Choose(ColumnChoices.Choose(_targets!, _wanted));
        string? job = _session.Columns.Reverse().Select(column => ColumnChoices.Find(_targets!, column.TargetId)?.JobId).FirstOrDefault(id => id is not null);
        _picker.Suits = job is null ? null : ValidationSource.JobPrefix + job;
    }

    private string TitleOf(int index) => ColumnChoices.Title(index, ColumnChoices.Find(_targets!, _session.Columns[index].TargetId));

    private void WriteAddress()
    {
        string address = Navigation.GetUriWithQueryParameters(_draft.ToAddress(_wanted).ToQuery());
        if (address != Navigation.Uri)
        {
            _written.Add(address);
            Navigation.NavigateTo(address, replace: true);
        }
    }

    private void ChooseTarget(int index, string? id) => ChooseTargets([.. _session.Columns.Select((column, at) => at == index ? id : column.TargetId)]);

    private void AddColumn() => ChooseTargets([.. _session.Columns.Select(column => column.TargetId), ColumnChoices.Further(_targets!, [.. _session.Columns.Select(column => column.TargetId)])]);

    private void RemoveColumn(int index)
    {
        _session.Remove(index);
        ChooseTargets([.. _session.Columns.Select(column => column.TargetId)]);
    }

    private void ChooseTargets(IReadOnlyList<string?> targets)
    {
        (_wanted, _lost) = (targets, null);
        ChooseColumns();
        WriteAddress();
    }

    private void Set(PlaygroundSettings settings)
    {
        _draft.Set(settings);
        WriteAddress();
    }

    private Task ChooseSetAsync(string? id)
    {
        _picker.Choose(id);
        return GoAsync(0);
    }

    private async Task GoAsync(int number)
    {
        await _picker.GoAsync(number, Ended);
        TakeRecord();
    }

    private async Task ShuffleAsync()
    {
        await _picker.GoAnywhereAsync(Ended);
        TakeRecord();
    }

    private void TakeRecord()
    {
        _promptError = null;
        _draft.TakeRecord();
        // The answers that stand there are to another prompt.
        _session.Clear();
        WriteAddress();
    }

    private async Task RunAsync()
    {
        if (_session.Running)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(_draft.Prompt))
        {
            _promptError = L["Enter a prompt, or take one of the validation set."];
            return;
        }

        (_promptError, _editing, _followUp) = (null, null, "");
        // From now on the address names who answered, whatever would be proposed later.
        _wanted = [.. _session.Columns.Select(column => column.TargetId)];
        WriteAddress();
        await _session.StartAsync(_draft.ToStart());
    }

    private async Task SendAsync()
    {
        if (_session.Running || string.IsNullOrWhiteSpace(_followUp))
        {
            return;
        }

        (string message, int? turn) = (_followUp, _editing);
        (_followUp, _editing) = ("", null);
        await (turn is { } number ? _session.ResendAsync(number, message) : _session.SendAsync(message));
    }

    private void Edit(int? turn) => (_editing, _followUp) = (turn, turn is { } number ? _session.Turns[number] : "");

    private void Clear()
    {
        (_followUp, _editing) = ("", null);
        _session.Clear();
    }

    /// <summary>Shows what a comparison found for one prompt: in the columns stands who was compared then.</summary>
    private async Task OpenAsync(OpenedPrompt opened)
    {
        _draft.SetAll(opened.Request.Settings);
        ChooseTargets(opened.Request.Targets);
        await GoAsync(opened.Prompt.Number);
        _session.Show(_draft.ToStart(), opened.Prompt.Answers);
        await _answers.FocusAsync();
    }

    private async Task ShowCodeAsync(SessionColumn column)
    {
        PlaygroundTarget? target = ColumnChoices.Find(_targets!, column.TargetId);
        PlaygroundCheckpoint? checkpoint = ColumnChoices.Checkpoint(target, column.TargetId);
        int? step = checkpoint?.Step ?? target?.Step;
        PlaygroundTarget? deployment = target?.Kind == PlaygroundTarget.DeploymentKind ? target
            : _targets!.FirstOrDefault(one => one.Kind == PlaygroundTarget.DeploymentKind && target?.ModelId is not null && one.ModelId == target.ModelId && one.Step == step);
        DialogParameters<ApiCodeDialog> parameters = new()
        {
            { dialog => dialog.Title, ColumnChoices.Describe(target, column.TargetId) },
            { dialog => dialog.ApiName, deployment?.ApiName ?? checkpoint?.ApiName ?? target?.ApiName },
            { dialog => dialog.ModelId, target?.ModelId },
            { dialog => dialog.Step, step },
            { dialog => dialog.NeedsDeployment, deployment is null && step is not null },
            { dialog => dialog.Messages, _session.Start is null ? [.. _draft.ToStart().Before, new ChatMessage("user", _draft.Prompt.Length > 0 ? _draft.Prompt : "Hello")] : _session.MessagesOf(column) },
            { dialog => dialog.Settings, _session.Start?.Settings ?? _draft.Settings },
        };
        await Dialogs.ShowAsync<ApiCodeDialog>(L["Code"], parameters, new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true, CloseOnEscapeKey = true });
    }

    /// <summary>A link within the console leads to another state of the page; what the page wrote itself it knows.</summary>
    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        bool isHere = Navigation.ToBaseRelativePath(change.Location).Split('?', '#')[0] == "playground";
        if (isHere && !_written.Remove(change.Location) && _started && _targets is not null)
        {
            _ = InvokeAsync(async () =>
            {
                await ReadAddressAsync();
                StateHasChanged();
            });
        }
    }

    private void OnSessionChanged() => _ = InvokeAsync(StateHasChanged);
}
