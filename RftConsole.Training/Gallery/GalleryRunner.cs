using System.Diagnostics;

using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;

namespace RftConsole.Training.Gallery;

/// <summary>Accuracy on a task's test prompts by its independent check.</summary>
/// <param name="Greedy">Share of greedy answers that are right.</param>
/// <param name="Sampled">The same at temperature 1.</param>
public sealed record TaskAccuracy(double Greedy, double Sampled);

/// <summary>One job of the gallery and what came of it.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Seed">The job's seed.</param>
/// <param name="Tuned">Accuracy of the adapter on the task's test prompts.</param>
/// <param name="Others">Greedy accuracy of the adapter on the test prompts of the other tasks, by name.</param>
/// <param name="Rewards">Mean training reward of each step.</param>
/// <param name="Seconds">From start to end of the job.</param>
/// <param name="Tokens">Sampled in training.</param>
/// <param name="JudgeAgreement">Balanced accuracy of the judge, by the independent check, on sampled answers of base and adapter; null where code grades.</param>
public sealed record GalleryRun(
    string Task, long Seed, TaskAccuracy Tuned, IReadOnlyDictionary<string, double> Others, IReadOnlyList<double> Rewards, double Seconds, long Tokens, double? JudgeAgreement);

/// <summary>Trains sample tasks and measures the results by their independent checks.</summary>
/// <param name="models">Loads the embedded model.</param>
/// <param name="folder">Where each job gets a folder of its own.</param>
public sealed class GalleryRunner(ModelHost models, string folder)
{
    /// <summary>Completions of each test prompt at temperature 1.</summary>
    private const int Samples = 4;

    /// <summary>Of everything that is sampled to measure.</summary>
    private const long MeasuringSeed = 2026;

    private readonly Dictionary<string, IReadOnlyList<EncodedPrompt>> _tests = new(StringComparer.Ordinal);

    /// <summary>Accuracy of the base model, or of an adapter, on a task's test prompts.</summary>
    public async Task<TaskAccuracy> MeasureAsync(SampleTask task, string? adapter, CancellationToken cancellationToken) => new(
        await MeasureGreedyAsync(task, adapter, cancellationToken),
        Share(await AnswerAsync(task, adapter, temperature: 1, IndependentCheck.Of(task.Data.Name), cancellationToken)));

    /// <summary>Greedy accuracy alone.</summary>
    public async Task<double> MeasureGreedyAsync(SampleTask task, string? adapter, CancellationToken cancellationToken) =>
        Share(await AnswerAsync(task, adapter, temperature: 0, IndependentCheck.Of(task.Data.Name), cancellationToken));

    /// <summary>Runs a job of a task and measures its adapter.</summary>
    /// <param name="task">The task.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="shuffled">Whether the scores are dealt out anew within each group: the control.</param>
    /// <param name="log">Hears of steps.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="UserInputException">The job failed.</exception>
    public async Task<GalleryRun> RunAsync(SampleTask task, long seed, bool shuffled, Action<string> log, CancellationToken cancellationToken)
    {
        string name = $"{task.Data.Name}{(shuffled ? "-shuffled" : "")}-{seed}";
        long tokens = 0;
        List<double> rewards = [];
        RewardServices services = new() { Decorate = shuffled ? reward => new ShuffledReward(reward, seed) : null };
        long start = Stopwatch.GetTimestamp();
        var finished = await new RftJob(task.Job(name, seed), Path.Combine(folder, name), models, services: services).RunAsync(
            e =>
            {
                if (e is StepCompleted step)
                {
                    tokens = (long)step.Metrics[MetricNames.TokenCount];
                    rewards.Add(step.Metrics[MetricNames.Reward]);
                }
                else if (e is ValidationCompleted validation)
                {
                    log(FormattableString.Invariant($"{name}: step {validation.Step}, validation reward {validation.Metrics[MetricNames.ValidationReward]:0.000}"));
                }

                return ValueTask.CompletedTask;
            },
            new JobSignals { Shutdown = cancellationToken });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (finished.AdapterPath is not { } adapter)
        {
            throw new UserInputException($"{name}: {finished.Message}");
        }

        Dictionary<string, double> others = new(StringComparer.Ordinal);
        foreach (var other in SampleTasks.All.Where(x => x != task))
        {
            others[other.Data.Name] = await MeasureGreedyAsync(other, adapter, cancellationToken);
        }

        return new(name, seed, await MeasureAsync(task, adapter, cancellationToken), others, rewards, seconds, tokens, await JudgeAgreementAsync(task, adapter, cancellationToken));
    }

    /// <summary>
    /// The mean of the judge's accuracies on right and on wrong answers, by the independent check, of answers that base model and adapter sample to the test prompts.
    /// </summary>
    private async Task<double?> JudgeAgreementAsync(SampleTask task, string adapter, CancellationToken cancellationToken)
    {
        if (!task.IsJudged)
        {
            return null;
        }

        await using var judge = await RewardFunctions.CreateAsync(task.RewardFunction, folder, new RewardServices { Models = models }, new RewardOptions(), cancellationToken);
        double threshold = RewardSpecificationRules.AccuracyThreshold(task.RewardFunction);
        var check = IndependentCheck.Of(task.Data.Name);
        List<(bool Right, bool Passed)> verdicts = [];
        foreach (string? model in new[] { null, adapter })
        {
            var graded = await AnswerAsync(task, model, temperature: 1, judge, cancellationToken);
            verdicts.AddRange(graded.SelectMany(group => group).Select((x, i) => (check.IsRight(Grading.Sample(x.Prompt.Record, i, x.Text)), x.Result.Score >= threshold)));
        }

        return (Agreement(true) + Agreement(false)) / 2;

        double Agreement(bool right) => verdicts.Where(x => x.Right == right).Select(x => x.Passed == right ? 1.0 : 0).DefaultIfEmpty(1).Average();
    }

    private async Task<IReadOnlyList<GradedCompletion[]>> AnswerAsync(SampleTask task, string? adapter, double temperature, IRewardFunction reward, CancellationToken cancellationToken)
    {
        var model = await models.LoadAsync(BaseModels.Starter);
        var lora = adapter is null ? null : await models.LoadAdapterAsync(model, adapter);
        int maxTokens = HyperparameterRules.Resolve(task.Hyperparameters, model.Decoder.Config, 1).InferenceMaxTokens!.Value;
        if (!_tests.TryGetValue(task.Data.Name, out var prompts))
        {
            var records = TrainingRecordReader.Read(task.Data.TestFile).Accepted;
            _tests[task.Data.Name] = prompts = PromptEncoder.Encode(records, model.Tokenizer, model.ChatTemplate, model.Decoder.Config.ContextLength - maxTokens, task.Hyperparameters.ReasoningEffort.TemplateVariables()).Prompts;
        }

        return await new Validator(model, reward, models.Compute).RunAsync(lora, prompts, new SamplingOptions(temperature, 1, maxTokens), temperature > 0 ? Samples : 1, MeasuringSeed, cancellationToken);
    }

    private static double Share(IReadOnlyList<GradedCompletion[]> graded) => graded.SelectMany(group => group).Average(x => x.Result.Score);
}
