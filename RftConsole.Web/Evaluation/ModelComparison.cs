using RftConsole.Training;
using RftConsole.Training.Compute;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;
using RftConsole.Web.Inference;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Evaluation;

/// <summary>Comparisons in this process, by the code that validates jobs: of the same prompts, greedy, a side's mean reward is what its job measured.</summary>
internal sealed class ModelComparison(PlaygroundTargets targets, ModelHost models, IJudgeEndpoints endpoints) : IModelComparison
{
    /// <summary>Prompts between two reports: few enough that progress moves, enough that they share the weights' way through memory.</summary>
    private const int PromptsTogether = 16;

    private const int MostSides = 4;

    public Task<IReadOnlyList<RewardResult>> GradeAsync(ValidationSet set, TrainingRecord record, IReadOnlyList<string> answers, CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            using OutboundPolicy network = new(set.Isolation);
            await using IRewardFunction reward = await StartAsync(set, network, cancellationToken);
            return await reward.ScoreAsync([.. answers.Select((answer, index) => Grading.Sample(record, index, answer))], cancellationToken);
        },
        cancellationToken);

    public Task RunAsync(ValidationSet set, ComparisonRequest request, IProgress<ComparisonProgress> progress, CancellationToken cancellationToken = default)
    {
        PlaygroundService.Check(request.Settings);
        if (request.Prompts < 1)
        {
            throw new UserInputException($"Number of prompts: {request.Prompts} is too small, the least is 1.");
        }

        if (request.Targets.Count is < 1 or > MostSides)
        {
            throw new UserInputException($"{request.Targets.Count} models were chosen; 1 to {MostSides} can be compared.");
        }

        return Task.Run(() => CompareAsync(set, request, progress, cancellationToken), cancellationToken);
    }

    /// <summary>The prompts that are compared, by their place in the set: a draw that the seed decides, in the set's order.</summary>
    internal static IReadOnlyList<int> Draw(int records, int wanted, long seed) => wanted >= records
        ? [.. Enumerable.Range(0, records)]
        : [.. Enumerable.Range(0, records).OrderBy(index => CounterRandom.Bits((ulong)seed, RandomStream.DryRun, (ulong)index)).Take(wanted).Order()];

    private Task<IRewardFunction> StartAsync(ValidationSet set, OutboundPolicy network, CancellationToken cancellationToken) =>
        RewardStart.StartAsync(set.Reward, network, models, endpoints, new() { Retries = 0, BatchSize = set.RewardBatchSize, FailureScore = set.FailureScore }, cancellationToken);

    private async Task CompareAsync(ValidationSet set, ComparisonRequest request, IProgress<ComparisonProgress> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<int> chosen = Draw(set.Records.Count, request.Prompts, request.Settings.Seed);
        int total = chosen.Count * request.Targets.Count;
        // Before any answer is made: what is wrong with the function or a model shows at once.
        progress.Report(new(Phrase("Starting the reward function"), 0, total, []));
        using OutboundPolicy network = new(set.Isolation);
        await using IRewardFunction reward = await StartAsync(set, network, cancellationToken);
        List<Side> sides = [];
        foreach (string target in request.Targets)
        {
            progress.Report(new(Phrase("Loading the models"), 0, total, []));
            sides.Add(await LoadAsync(target, set, reward, cancellationToken));
        }

        int done = 0;
        foreach (int[] numbers in chosen.Chunk(PromptsTogether))
        {
            List<IReadOnlyList<ComparedAnswer>> answers = [];
            foreach (Side side in sides)
            {
                progress.Report(new(Phrase("The models answer"), done, total, []));
                answers.Add(await side.AnswerAsync([.. numbers.Select(number => set.Records[number])], request.Settings, done / sides.Count, cancellationToken));
            }

            done += numbers.Length * sides.Count;
            progress.Report(new(Phrase("The models answer"), done, total, [.. numbers.Select((number, index) => new ComparedPrompt(number, set.Records[number], [.. answers.Select(side => side[index])]))]));
        }
    }

    private async Task<Side> LoadAsync(string target, ValidationSet set, IRewardFunction reward, CancellationToken cancellationToken)
    {
        ServedModel served = await targets.ResolveAsync(target, cancellationToken);
        LoadedModel model = await models.LoadAsync(served.BaseModel);
        LoraAdapter? adapter = served.AdapterFolder is { } folder ? await models.LoadAdapterAsync(model, folder) : null;
        return new(model, adapter, set.Effort ?? adapter?.ReasoningEffort ?? default, new(model, reward, models.Compute));
    }

    /// <summary>One model under comparison.</summary>
    private sealed record Side(LoadedModel Model, LoraAdapter? Adapter, ReasoningEffort Effort, Validator Validator)
    {
        public async Task<IReadOnlyList<ComparedAnswer>> AnswerAsync(IReadOnlyList<TrainingRecord> records, PlaygroundSettings settings, int first, CancellationToken cancellationToken)
        {
            PreparedPrompts prepared = PromptEncoder.Encode(records, Model.Tokenizer, Model.ChatTemplate, Model.Decoder.Config.ContextLength - 1, Effort.TemplateVariables(), cancellationToken);
            Dictionary<TrainingRecord, ComparedAnswer> answers = new(ReferenceEqualityComparer.Instance);
            foreach (DroppedPrompt dropped in prepared.Dropped)
            {
                answers[dropped.Record] = new(null, 0, false, null, dropped.Length is { } length ? $"The prompt has {length} tokens, more than the model's context allows." : dropped.Reason);
            }

            if (prepared.Prompts.Count > 0)
            {
                SamplingOptions options = new(settings.Temperature, settings.TopP, settings.MaxTokens);
                foreach (GradedCompletion[] graded in await Validator.RunAsync(Adapter, prepared.Prompts, options, 1, settings.Seed, cancellationToken, first, WorkPriority.Interactive))
                {
                    answers[graded[0].Prompt.Record] = new(graded[0].Text, graded[0].Completion.Tokens.Length, !graded[0].Completion.Ended, graded[0].Result, null);
                }
            }

            return [.. records.Select(record => answers[record])];
        }
    }
}
