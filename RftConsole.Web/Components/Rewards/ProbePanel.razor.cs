using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Wizard;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>The probes of what is in the editor.</summary>
public sealed partial class ProbePanel : IDisposable
{
    private TrainingDataSource _data = PromptSource.First;
    private CancellationTokenSource? _run;
    private ProbeReport? _report;
    private string? _failure;
    private string? _status;
    private bool _running;

    [Inject]
    public required IRewardTrial Trial { get; init; }

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    /// <summary>What is tried.</summary>
    [Parameter, EditorRequired]
    public required RewardDraft Draft { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _run?.Cancel();
        _run?.Dispose();
    }

    private async Task RunAsync()
    {
        _run?.Dispose();
        _run = new();
        CancellationToken cancelled = _run.Token;
        (_running, _failure, _report, _status) = (true, null, null, L["Trying responses of known worth…"]);
        try
        {
            ProbeReport report = await Trial.ProbeAsync(await Draft.SpecifyAsync(RewardCode, cancelled), _data, null, cancelled);
            _report = report;
            _status = report switch
            {
                { Probes: 0 } => L["The data set holds no record to try it on."],
                { Findings.Count: 0 } => L["Nothing found in {0} responses: it pays for the reference answer and for none of the wrong ones.", report.Probes],
                _ => ProbeSummary.Title(report) + ".",
            };
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException && !cancelled.IsCancellationRequested)
        {
            (_failure, _status) = (problem.Message, null);
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            _status = L["Cancelled."];
        }
        finally
        {
            _running = false;
        }
    }

    private static string Verdict(ProbeFinding finding) => finding.Kind == ProbeKind.ReferenceAnswer || finding.Score <= 0 ? L["not paid for"] : L["can be gamed"];

    private static string Scores(ProbeRow row) => row switch
    {
        { Lowest: null } => Display.None,
        { Lowest: { } low, Highest: { } high } when high - low < 1e-9 => Display.Number(high),
        _ => L["{0} to {1}", Display.Number(row.Lowest), Display.Number(row.Highest)],
    };
}
