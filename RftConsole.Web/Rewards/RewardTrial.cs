using System.Text;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>Probes and dry runs on this machine. Off the caller's thread: a page must not stand still while records are read.</summary>
internal sealed class RewardTrial(ModelHost models, IJobs jobs, IJudgeEndpoints endpoints) : IRewardTrial
{
    /// <summary>Records that a judge or a remote function is probed with.</summary>
    private const int CostlyRecords = 2;

    private const int MostPrompts = 256;
    private const int MostResponses = 64;

    public Task<ProbeReport> ProbeAsync(RewardFunctionSpecification reward, TrainingDataSource data, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            IReadOnlyList<TrainingRecord> head = Head(data, cancellationToken);
            TrainingRecord[] records = [.. head.Take(RewardTypes.IsCostly(reward) ? CostlyRecords : head.Count)];
            if (records.Length == 0)
            {
                return new ProbeReport([], 0, TimeSpan.Zero);
            }

            using OutboundPolicy network = new(isolation);
            await using IRewardFunction function = await StartAsync(reward, network, cancellationToken);
            return await RewardProbes.RunAsync(function, records, cancellationToken);
        },
        cancellationToken);

    public Task<DryRunReport> DryRunAsync(RewardFunctionSpecification reward, ResponseSource source, IProgress<TrialProgress>? progress = null, NetworkIsolation? isolation = null, CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            // Before any response is made: what is wrong with the function shows at once.
            progress?.Report(new(Phrase("Starting the reward function"), 0, 0));
            using OutboundPolicy network = new(isolation);
            await using IRewardFunction function = await StartAsync(reward, network, cancellationToken);
            IReadOnlyList<ResponseGroup> groups = source switch
            {
                ModelResponses model => await AnswerAsync(model, progress, cancellationToken),
                PastedResponses pasted => [Pasted(pasted)],
                JobRollouts rollouts => await RolloutsAsync(rollouts, cancellationToken),
                _ => throw new ArgumentException($"{source} is no source of responses.", nameof(source)),
            };
            int total = groups.Sum(group => group.Responses.Count);
            return await DryRun.RunAsync(function, groups, new RewardOptions().BatchSize, Tell(progress, Phrase("Grading"), total), cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<RewardResult>> GradeAsync(RewardFunctionSpecification reward, IReadOnlyList<GradedExample> examples, CancellationToken cancellationToken = default) => Task.Run(
        async () =>
        {
            await using IRewardFunction function = await StartAsync(reward, OutboundPolicy.Unrestricted, cancellationToken);
            // Records of several sources may share an id.
            return await function.ScoreAsync([.. examples.Select((example, index) => Grading.Sample(example.Record with { Id = $"{example.Record.Id}:{index}" }, 0, example.Response))], cancellationToken);
        },
        cancellationToken);

    private Task<IRewardFunction> StartAsync(RewardFunctionSpecification reward, OutboundPolicy network, CancellationToken cancellationToken) =>
        RewardStart.StartAsync(reward, network, models, endpoints, new() { Retries = 0 }, cancellationToken);

    /// <summary>A long file is read no further than the records that are probed.</summary>
    private static IReadOnlyList<TrainingRecord> Head(TrainingDataSource data, CancellationToken cancellationToken)
    {
        string? file = RolloutRecords.FileOf(data);
        string[] lines = file is null || !File.Exists(file) ? [] : [.. VaultFiles.ReadLines(file).Take(4 * RewardProbes.MostRecords)];
        using MemoryStream head = new(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return TrainingRecordReader.Read(head, "trainingData", cancellationToken).Accepted;
    }

    private async Task<IReadOnlyList<ResponseGroup>> AnswerAsync(ModelResponses source, IProgress<TrialProgress>? progress, CancellationToken cancellationToken)
    {
        Require(source.Prompts is >= 1 and <= MostPrompts, "Prompts", source.Prompts, $"1 to {MostPrompts}");
        Require(source.GroupSize is >= 1 and <= MostResponses, "Responses to each", source.GroupSize, $"1 to {MostResponses}");
        Require(source.MaxTokens is null or >= 1, "Maximum inference tokens", source.MaxTokens ?? 0, "at least 1");
        Require(source.Temperature is >= 0 and <= 2, "Temperature", source.Temperature, "0 to 2");
        string file = RolloutRecords.FileOf(source.Data) is { } found && File.Exists(found) ? found : throw new UserInputException("The data set has been deleted: choose another.");
        IReadOnlyList<TrainingRecord> records = RecordSampling.Draw(file, source.Prompts, source.Seed, cancellationToken);
        progress?.Report(new(Phrase("Loading the model"), 0, 0));
        LoadedModel model = await models.LoadAsync(source.BaseModel);
        int tokens = source.MaxTokens ?? HyperparameterRules.Resolve(new(), model.Decoder.Config, records.Count).InferenceMaxTokens!.Value;
        return await new ResponseSampling(models).AnswerAsync(
            source.BaseModel,
            records,
            source.GroupSize,
            new(source.Temperature, 1, tokens),
            source.Seed,
            Tell(progress, Phrase("The model answers"), records.Count * source.GroupSize),
            cancellationToken);
    }

    private static ResponseGroup Pasted(PastedResponses pasted) => pasted switch
    {
        { Responses.Count: 0 } => throw new UserInputException("Responses: paste at least one."),
        { Prompt: var prompt } when string.IsNullOrWhiteSpace(prompt) => throw new UserInputException("Prompt: write what was asked."),
        _ => new(PlainRecord.Of("pasted", pasted.Prompt, pasted.ReferenceAnswer), [.. pasted.Responses.Select(text => new Response(text))]),
    };

    private async Task<IReadOnlyList<ResponseGroup>> RolloutsAsync(JobRollouts source, CancellationToken cancellationToken)
    {
        Require(source.Groups is >= 1 and <= MostPrompts, "Groups", source.Groups, $"1 to {MostPrompts}");
        JobDetails job = await jobs.FindAsync(source.JobId, cancellationToken) ?? throw new UserInputException("The job has been deleted: choose another.");
        RolloutPage page = await jobs.RolloutsAsync(new(source.JobId, Take: source.Groups * MostResponses), cancellationToken);
        IGrouping<(int Step, int PromptIndex), Rollout>[] groups = [.. page.Rows.GroupBy(rollout => (rollout.Step, rollout.PromptIndex)).Take(source.Groups)];
        if (groups.Length == 0)
        {
            throw new UserInputException($"{job.Summary.Name} has no rollouts yet.");
        }

        Dictionary<string, TrainingRecord> records = RolloutRecords.Of(job, [.. groups.Select(group => group.First().RecordId)], cancellationToken);
        return [.. groups.Select(group => new ResponseGroup(
            records.GetValueOrDefault(group.First().RecordId) ?? RolloutRecords.Plain(group.First()),
            [.. group.Select(rollout => new Response(rollout.Completion, rollout.FinishReason == "length"))]))];
    }

    private static void Require(bool holds, string field, double value, string range)
    {
        if (!holds)
        {
            throw new UserInputException(FormattableString.Invariant($"{field}: {value} is outside its range of {range}."));
        }
    }

    private static ForwardedProgress? Tell(IProgress<TrialProgress>? progress, string doing, int total)
    {
        progress?.Report(new(doing, 0, total));
        return progress is null ? null : new(done => progress.Report(new(doing, done, total)));
    }

    /// <summary>Reports at once and in order, where <see cref="Progress{T}"/> would post to a context that is none here.</summary>
    private sealed class ForwardedProgress(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}
