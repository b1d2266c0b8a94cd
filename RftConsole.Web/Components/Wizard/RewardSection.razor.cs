using Microsoft.AspNetCore.Components;

using MudBlazor;

using RftConsole.Training;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Dialogs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Section <em>Reward function</em>: a template, or code of one's own.</summary>
public sealed partial class RewardSection : IDisposable
{
    private const string Skeleton = """
        def lambda_handler(event, context):
            return [grade(sample) for sample in event]


        def grade(sample):
            response = sample["messages"][-1]["content"]
            expected = str(sample.get("reference_answer", ""))
            score = 1.0 if response.strip() == expected.strip() else 0.0
            return {"id": sample["id"], "aggregate_reward_score": score}

        """;

    private readonly CancellationTokenSource _ended = new();
    private IReadOnlyList<CodeProblem> _problems = [];
    private IReadOnlyList<JobSummary> _earlier = [];
    private string? _outcome;
    private bool _checking;

    [Inject]
    public required IRewardCode RewardCode { get; init; }

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    private RewardTemplate? Chosen => RewardTemplates.All.FirstOrDefault(template => template.Name == Form.RewardTemplate);

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() =>
        _earlier = [.. (await Jobs.ListAsync(_ended.Token)).Where(job => job.RewardName.EndsWith(".py", StringComparison.Ordinal))];

    private async Task ReuseAsync(string? id)
    {
        if (id is null || (await Jobs.FindAsync(id, _ended.Token))?.Specification.RewardFunction.File is not { } file)
        {
            return;
        }

        try
        {
            await ReplaceAsync(await RewardCode.ReadAsync(file, _ended.Token), "The code of the job takes the place of the code that you wrote.");
        }
        catch (UserInputException refused)
        {
            _outcome = refused.Message;
        }
    }

    private Task EditAsync(string code)
    {
        Form.RewardCode = code;
        _outcome = null;
        return Changed.InvokeAsync();
    }

    private Task UseAsync(bool own)
    {
        Form.OwnReward = own;
        (_problems, _outcome) = ([], null);
        return Changed.InvokeAsync();
    }

    private Task StartEmptyAsync()
    {
        Form.RewardCode = Skeleton;
        return UseAsync(own: true);
    }

    private async Task StartFromTemplateAsync()
    {
        if (Chosen?.Source is { } source)
        {
            await ReplaceAsync(source, "The template's code takes the place of the code that you wrote.");
        }
    }

    private async Task ReplaceAsync(string code, string warning)
    {
        bool written = Form.RewardCode.Length > 0 && Form.RewardCode != Skeleton && RewardTemplates.All.All(template => template.Source != Form.RewardCode);
        if (!written || Form.RewardCode == code || await ConfirmDialog.AskAsync(Dialogs, "Replace your code?", warning, "Replace"))
        {
            Form.RewardCode = code;
            await UseAsync(own: true);
        }
    }

    private async Task CheckAsync()
    {
        (_checking, _outcome) = (true, "Checking…");
        try
        {
            CodeProblem? problem = await RewardCode.CheckAsync(Form.RewardCode, _ended.Token);
            _problems = problem is null ? [] : [problem];
            _outcome = problem is null ? "The code can be used." : problem.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The section has gone.
        }
        finally
        {
            _checking = false;
        }
    }
}
