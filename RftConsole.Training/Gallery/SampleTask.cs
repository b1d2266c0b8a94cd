using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Starter;

namespace RftConsole.Training.Gallery;

/// <summary>What a newcomer is told about a sample task.</summary>
/// <param name="What">What the model is asked.</param>
/// <param name="Why">Where such a task comes up.</param>
/// <param name="Reward">How the reward tells a good answer.</param>
/// <param name="Watch">What to look at in the charts.</param>
public sealed record SampleStory(string What, string Why, string Reward, string Watch);

/// <summary>A sample task: its data, its reward, hyperparameters that work, and its story.</summary>
public sealed record SampleTask(SampleDataSet Data, Hyperparameters Hyperparameters, SampleStory Story)
{
    /// <summary>
    /// Its reward: a template's code, or a template's judge with the embedded model as judge. So small a judge has to go through an answer item by item before it gives its
    /// score: asked for yes or no at once, it can only guess.
    /// </summary>
    public RewardFunctionSpecification RewardFunction { get; } = RewardTemplates.Find(Data.RewardTemplate)!.Instructions is null
        ? new() { Type = RewardFunctionSpecification.CustomCode, Template = Data.RewardTemplate }
        : new() { Type = RewardFunctionSpecification.ModelAsJudge, Template = Data.RewardTemplate, JudgeModel = new(BaseModels.Starter), Scoring = JudgeScoring.Json };

    /// <summary>Whether a judge grades.</summary>
    public bool IsJudged => RewardFunction.Type == RewardFunctionSpecification.ModelAsJudge;

    /// <summary>The job of this task.</summary>
    public JobSpecification Job(string name, long? seed = null) => new()
    {
        Name = name,
        CustomModelName = name,
        BaseModel = BaseModels.Starter,
        TrainingData = new() { SampleData = Data.Name },
        RewardFunction = RewardFunction,
        Hyperparameters = seed is { } given ? Hyperparameters with { Seed = given } : Hyperparameters,
    };
}
