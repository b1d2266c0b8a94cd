using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>An editor for a reward function's code; what is wrong with it is said and marked whenever the typing rests.</summary>
public sealed partial class RewardCodeEditor : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<CodeProblem> _problems = [];
    private IReadOnlyList<string> _installed = [];
    private (string Code, string Requirements) _checked;
    private string? _outcome;
    private string? _refused;
    private bool _checking;

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>The code.</summary>
    [Parameter, EditorRequired]
    public required string Code { get; set; }

    /// <summary>Raised when the user has changed it.</summary>
    [Parameter]
    public EventCallback<string> CodeChanged { get; set; }

    /// <summary>Packages that it may import, as in a <c>requirements.txt</c>.</summary>
    [Parameter]
    public string Requirements { get; set; } = "";

    /// <summary>Raised when the user has changed them.</summary>
    [Parameter]
    public EventCallback<string> RequirementsChanged { get; set; }

    /// <summary>What else is wrong.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>Further actions.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private async Task EditAsync(string code)
    {
        Code = code;
        _outcome = null;
        await CodeChanged.InvokeAsync(code);
        // Packages that could not be installed are not tried again with every word that is typed.
        if (Requirements.Length == 0 || _refused != Requirements)
        {
            await CheckAsync();
        }
    }

    private async Task EditRequirementsAsync(string requirements)
    {
        Requirements = requirements.Trim();
        (_outcome, _installed) = (null, []);
        await RequirementsChanged.InvokeAsync(Requirements);
        await CheckAsync();
    }

    /// <summary>One check at a time, and one after the last edit.</summary>
    private async Task CheckAsync()
    {
        if (_checking)
        {
            return;
        }

        (_checking, _outcome) = (true, Requirements.Length > 0 && _installed.Count == 0 ? L["Installing packages and checking…"] : L["Checking…"]);
        try
        {
            do
            {
                _checked = (Code, Requirements);
                CodeProblem? problem = await InstallAsync(_checked.Requirements) ?? await RewardCode.CheckAsync(_checked.Code, _checked.Requirements, _ended.Token);
                _problems = problem is null ? [] : [problem];
                _outcome = problem is null ? L["The code can be used."] : problem.Message;
            }
            while (_checked != (Code, Requirements));
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The editor has gone.
        }
        finally
        {
            _checking = false;
        }
    }

    /// <summary>Why the packages cannot be installed; null where they are there.</summary>
    private async Task<CodeProblem?> InstallAsync(string requirements)
    {
        if (requirements.Length == 0 || _installed.Count > 0)
        {
            return null;
        }

        try
        {
            _installed = await RewardCode.InstallAsync(requirements, _ended.Token);
            _refused = null;
            return null;
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException)
        {
            _refused = requirements;
            return new(problem.Message, null, null);
        }
    }
}
