using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>Makes a judge from what a job file says.</summary>
internal static class JudgeStart
{
    /// <summary>The file in a job's folder that keeps the answers of its judges.</summary>
    public const string AnswersFile = "judge-answers.jsonl";

    /// <param name="specification">A checked specification of type <c>modelAsJudge</c>.</param>
    /// <param name="field">What errors call it.</param>
    /// <param name="services">Models, secrets, and who hears warnings.</param>
    /// <param name="options">Retries and the clock.</param>
    /// <exception cref="UserInputException">The judge cannot be used; the message names the field.</exception>
    public static async Task<IRewardFunction> StartAsync(RewardFunctionSpecification specification, string field, RewardServices services, RewardOptions options)
    {
        JudgeModel who = specification.JudgeModel ?? new(BaseModels.Starter);
        JudgeScoring scoring = specification.Scoring ?? (who.Name is null ? JudgeScoring.Json : JudgeScoring.Probability);
        JudgeLimits limits = specification.Limits ?? new();
        string name = specification.Template ?? (specification.Instructions is null ? "rubric" : "own instructions");
        string? instructions = specification.Instructions ?? RewardTemplates.Find(specification.Template)?.Instructions;
        if (who.Name is null)
        {
            EndpointJudge remote = new(who, field + ".judgeModel", scoring, limits, services, options);
            JudgeCache cache = new(services.Folder is null ? null : Path.Combine(services.Folder, AnswersFile));
            return new JudgeRewardFunction(name, remote, instructions, specification.Rubric, scoring, cache);
        }

        LocalJudge local = await LoadAsync(who.Name, field, scoring, limits, services);
        instructions = await FitAsync(local, instructions, specification, field, scoring, services);
        return new JudgeRewardFunction(name, local, instructions, specification.Rubric, scoring);
    }

    private static async Task<LocalJudge> LoadAsync(string name, string field, JudgeScoring scoring, JudgeLimits limits, RewardServices services)
    {
        ModelHost models = services.Models ?? throw new UserInputException($"{field}.judgeModel: models of this machine cannot judge here; name an endpoint.");
        try
        {
            return new(name, await models.LoadAsync(name), scoring, limits.MaxTokens, models.Compute, services.Priority);
        }
        catch (UserInputException unusable)
        {
            throw new UserInputException($"{field}.judgeModel: {unusable.Message}", unusable);
        }
    }

    /// <summary>The instructions as the judge's context holds them: whole, or their goal alone.</summary>
    private static async Task<string?> FitAsync(LocalJudge judge, string? instructions, RewardFunctionSpecification specification, string field, JudgeScoring scoring, RewardServices services)
    {
        if (judge.HasRoomFor(new(instructions, specification.Rubric, scoring), out int tokens))
        {
            return instructions;
        }

        string? goal = instructions is null ? null : JudgePrompt.Shorten(instructions);
        if (goal is null || !judge.HasRoomFor(new(goal, specification.Rubric, scoring), out _))
        {
            throw new UserInputException($"{field}.judgeModel: the instructions take {tokens} tokens, and the context of {judge.Name} holds {judge.ContextLength}; shorten them, or take a judge with a longer context.");
        }

        await services.Warn(
            "judge-context", $"The instructions take {tokens} tokens, and the context of the judge {judge.Name} holds {judge.ContextLength}: it is given their goal without the criteria. A larger judge grades better.");
        return goal;
    }
}
