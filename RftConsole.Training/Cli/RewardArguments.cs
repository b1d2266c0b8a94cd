using System.CommandLine;

using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Cli;

/// <summary>The options that say what grades, and who judges where a model does.</summary>
internal sealed class RewardArguments
{
    private readonly Option<string> _reward = new("--reward")
    {
        Description = "A template's name, a Python file with lambda_handler(event, context), or a JSON file with the object rewardFunction of a job file",
        Required = true,
    };

    private readonly Option<string?> _requirements = new("--requirements") { Description = "A requirements.txt whose packages the Python code may import" };

    private readonly Option<string?> _judge = new("--judge-model") { Description = $"Who judges, for a judge's template: a registered name (the default is {BaseModels.Starter}), a path, or the base URL of an OpenAI-compatible endpoint" };

    private readonly Option<string?> _judgeName = new("--judge-model-name") { Description = "The model's name at that endpoint" };

    private readonly Option<string?> _judgeKey = new("--judge-api-key-env") { Description = "The environment variable that holds the endpoint's key" };

    /// <summary>To be added to a command.</summary>
    public IEnumerable<Option> All => [_reward, _requirements, _judge, _judgeName, _judgeKey];

    /// <summary>What the options say.</summary>
    /// <exception cref="UserInputException">They cannot be used together, or a file cannot be read.</exception>
    public RewardFunctionSpecification Specification(ParseResult parsed)
    {
        string reward = parsed.GetValue(_reward)!;
        RewardFunctionSpecification specification = reward.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JobSpecificationFile.LoadReward(reward)
            : reward.EndsWith(".py", StringComparison.OrdinalIgnoreCase) || File.Exists(reward) ? new() { File = reward }
            : RewardTemplates.Find(reward) is { Kind: RewardKind.ModelAsJudge } ? new() { Type = RewardFunctionSpecification.ModelAsJudge, Template = reward }
            : RewardTemplates.Find(reward) is null
                ? throw new UserInputException($"--reward: '{reward}' is no file and no template; the templates are: {string.Join(", ", RewardTemplates.All.Select(known => known.Name))}")
            : new() { Template = reward };
        if (parsed.GetValue(_requirements) is { } requirements)
        {
            specification = specification.Type == RewardFunctionSpecification.CustomCode
                ? specification with { Requirements = requirements }
                : throw new UserInputException($"--requirements: nothing imports packages here, because {reward} is of type {specification.Type}");
        }

        if (Judge(parsed) is not { } judge)
        {
            return specification;
        }

        return specification.Type == RewardFunctionSpecification.ModelAsJudge
            ? specification with { JudgeModel = judge }
            : throw new UserInputException($"--judge-model: nothing judges here, because {reward} is of type {specification.Type}");
    }

    /// <summary>Starts the reward function; its warnings go to the log.</summary>
    /// <exception cref="UserInputException">It cannot be used.</exception>
    public Task<IRewardFunction> StartAsync(ParseResult parsed, ModelHost? models, CancellationToken cancellationToken) => RewardFunctions.CreateAsync(
        Specification(parsed),
        Environment.CurrentDirectory,
        new()
        {
            Models = models,
            Warn = (_, message) =>
            {
                CommandOutput.Log($"warning: {message}");
                return ValueTask.CompletedTask;
            },
        },
        new(),
        cancellationToken);

    private JudgeModel? Judge(ParseResult parsed)
    {
        (string? judge, string? name, string? key) = (parsed.GetValue(_judge), parsed.GetValue(_judgeName), parsed.GetValue(_judgeKey));
        bool isUrl = judge is not null && (judge.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || judge.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        if (!isUrl && (name ?? key) is not null)
        {
            throw new UserInputException($"{(name is null ? "--judge-api-key-env" : "--judge-model-name")}: --judge-model must be the base URL of an endpoint");
        }

        return judge is null ? null
            : !isUrl ? new(judge)
            : name is null ? throw new UserInputException("--judge-model-name: is missing; give the model's name at the endpoint")
            : new(null, judge, name, key);
    }
}
