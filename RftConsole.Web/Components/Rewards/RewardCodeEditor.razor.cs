using Microsoft.AspNetCore.Components;

using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>An editor for a reward function's code; what is wrong with it is said and marked whenever the typing rests.</summary>
public sealed partial class RewardCodeEditor : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<CodeProblem> _problems = [];
    private string _checked = "";
    private string? _outcome;
    private bool _checking;

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>The code.</summary>
    [Parameter, EditorRequired]
    public required string Code { get; set; }

    /// <summary>Raised when the user has changed it.</summary>
    [Parameter]
    public EventCallback<string> CodeChanged { get; set; }

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
        await CheckAsync();
    }

    /// <summary>One check at a time, and one after the last edit.</summary>
    private async Task CheckAsync()
    {
        if (_checking)
        {
            return;
        }

        (_checking, _outcome) = (true, "Checking…");
        try
        {
            do
            {
                _checked = Code;
                CodeProblem? problem = await RewardCode.CheckAsync(_checked, _ended.Token);
                _problems = problem is null ? [] : [problem];
                _outcome = problem is null ? "The code can be used." : problem.Message;
            }
            while (_checked != Code);
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
}
