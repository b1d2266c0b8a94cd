using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Rollouts;

/// <summary>The answers to one prompt of one step, side by side.</summary>
public sealed partial class RolloutGroup : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<Rollout>? _answers;
    private IReadOnlyList<IReadOnlyList<RolloutToken>> _tokens = [];
    private (string Job, int Step, int Prompt)? _shown;
    private TokenColours _colours;
    private bool _hasTokens;
    private bool _scoring;
    private int _prompts;
    private string? _failure;

    [Inject]
    public required IRollouts Rollouts { get; init; }

    [Parameter, EditorRequired]
    public required string JobId { get; set; }

    [Parameter, EditorRequired]
    public int Step { get; set; }

    /// <summary>Counts from 0.</summary>
    [Parameter, EditorRequired]
    public int Prompt { get; set; }

    /// <summary>The last step that there is.</summary>
    [Parameter]
    public int StepsDone { get; set; }

    /// <summary>Of the sampling.</summary>
    [Parameter]
    public double Temperature { get; set; } = 1;

    /// <summary>Asks for another group.</summary>
    [Parameter]
    public EventCallback<(int Step, int Prompt)> Show { get; set; }

    /// <summary>Asks for the list.</summary>
    [Parameter]
    public EventCallback Back { get; set; }

    private double? Mean => _answers!.Average(answer => answer.Reward);

    private string Spread => _answers!.Any(answer => answer.Reward is not null) ? L["{0} to {1}", Display.Number(_answers!.Min(answer => answer.Reward)), Display.Number(_answers!.Max(answer => answer.Reward))] : Display.None;

    private string Legend => (_colours, _scoring) switch
    {
        (_, true) => L["The base model scores these answers…"],
        (TokenColours.Probability, _) => L["The stronger the colour, the less sure the policy was of the token. Point at a token for its figures."],
        _ => L["Green: the policy found the token likelier than the base model does; red: less likely."] + (Temperature == 1 ? "" : " " + L["Sampled at temperature {0}, which the figures of the policy contain.", Temperature]),
    };

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (JobId, Step, Prompt))
        {
            return;
        }

        _shown = (JobId, Step, Prompt);
        (_tokens, _failure) = ([], null);
        _answers = await Rollouts.GroupAsync(JobId, Step, Prompt, _ended.Token);
        _prompts = await Rollouts.PromptsAsync(JobId, Step, _ended.Token);
        await ReadTokensAsync();
    }

    private async Task ColourAsync(TokenColours colours)
    {
        _colours = colours;
        await ReadTokensAsync();
    }

    private async Task ReadTokensAsync()
    {
        (string, int, int)? wanted = _shown;
        bool withBase = _colours == TokenColours.Change;
        if (_tokens.Count > 0 && (!withBase || _tokens.All(answer => answer.All(token => token.Base is not null))))
        {
            return;
        }

        (_scoring, _failure) = (withBase, null);
        StateHasChanged();
        try
        {
            IReadOnlyList<IReadOnlyList<RolloutToken>> tokens = await Rollouts.TokensAsync(JobId, Step, Prompt, withBase, _ended.Token);
            if (_shown == wanted)
            {
                (_tokens, _hasTokens) = (tokens, tokens.Count > 0);
            }
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _scoring = false;
        }
    }
}
