using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Tests.Grpo;

/// <summary>Whole updates: what a batch teaches, and what it does not.</summary>
public sealed class GrpoTrainerTests
{
    [Fact]
    public async Task A_batch_without_any_advantage_changes_nothing_and_is_measured()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        var state = await TestEngine.RunAsync(() => PolicyState.Create(model.Decoder.Config, new Hyperparameters { LoraRank = 2 }));
        float[] before = await ValuesAsync(state);

        var metrics = await UpdateAsync(model, state, [.. Batch(model).Select(x => x with { Advantage = 0 })], 1e-2);

        Assert.Equal((0, 0), (metrics.Loss, metrics.GradNorm));
        Assert.True(metrics.Entropy > 0);
        Assert.Equal(before, await ValuesAsync(state));
        await TestEngine.RunAsync(state.Dispose);
    }

    [Fact]
    public async Task The_order_of_the_rollouts_does_not_change_an_update()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        var batch = Batch(model);
        var (first, second) = (await UpdateAsync(model, batch), await UpdateAsync(model, [.. batch.Reverse()]));

        Assert.Equal(first.GradNorm, second.GradNorm, 1e-6 * first.GradNorm);
        Assert.Equal(first.Loss, second.Loss, 1e-6);
        Assert.Equal(first.Entropy, second.Entropy, 1e-6);
    }

    [Fact]
    public async Task An_update_makes_rewarded_completions_likelier_and_the_others_less_likely()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        var state = await TestEngine.RunAsync(() => PolicyState.Create(model.Decoder.Config, new Hyperparameters { LoraRank = 4 }));
        var batch = Batch(model);
        float[][] before = await ScoresAsync(model, state, batch);
        for (int i = 0; i < 5; i++)
        {
            await UpdateAsync(model, state, [.. batch.Select((x, j) => x with { OldLogProbabilities = before[j] })], 2e-3);
        }

        float[][] after = await ScoresAsync(model, state, batch);
        double[] change = [.. batch.Select((_, i) => (double)after[i].Sum() - before[i].Sum())];
        Assert.True(change.Where((_, i) => batch[i].Advantage > 0).Sum() > 0.1);
        Assert.True(change.Where((_, i) => batch[i].Advantage < 0).Sum() < -0.1);
        await TestEngine.RunAsync(state.Dispose);
    }

    [Theory]
    [InlineData("tiny-llama-tied", 1.0)]
    [InlineData("tiny-llama3-rope", 1.0)]
    [InlineData("tiny-qwen2", 0.7)]
    [InlineData("tiny-qwen3", 1.0)]
    public async Task The_trainer_has_the_log_probabilities_of_the_sampler_to_the_last_bit(string set, double temperature)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set)) with { EndTokens = new HashSet<int>() };
        var state = await TestEngine.RunAsync(() => PolicyState.Create(model.Decoder.Config, new Hyperparameters { LoraRank = 4 }));
        await using (var policy = new MergedPolicy(model, state.Adapter, TestEngine.Compute))
        {
            await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0, 0.2, 0.28, temperature, 80, 1));

            // Longer than a block of the cache; the second round samples from a policy that has learnt.
            int[][] prompts = Samples.Prompts(5, model);
            for (int round = 0; round < 2; round++)
            {
                var sampled = await Samples.GenerateAsync(TestEngine.Compute, await policy.CurrentAsync(TestContext.Current.CancellationToken), prompts, 4, 80, temperature);
                var rollouts = sampled.SelectMany((group, i) => group.Select((x, j) => new TrainingRollout(prompts[i], x.Tokens, x.LogProbabilities, j - 1.5))).ToArray();
                Assert.Equal(0, (await trainer.UpdateAsync(rollouts, 1e-2, TestContext.Current.CancellationToken)).LogProbabilityGap);
            }
        }

        await TestEngine.RunAsync(state.Dispose);
    }

    private static async Task<UpdateMetrics> UpdateAsync(LoadedModel model, TrainingRollout[] batch)
    {
        var state = await TestEngine.RunAsync(() => PolicyState.Create(model.Decoder.Config, new Hyperparameters { LoraRank = 2 }));
        var metrics = await UpdateAsync(model, state, batch, 1e-3);
        await TestEngine.RunAsync(state.Dispose);
        return metrics;
    }

    private static async Task<UpdateMetrics> UpdateAsync(LoadedModel model, PolicyState state, TrainingRollout[] batch, double learningRate)
    {
        await using var policy = new MergedPolicy(model, state.Adapter, TestEngine.Compute);
        await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0, 0.2, 0.28, 1, 8, 1));
        return await trainer.UpdateAsync(batch, learningRate, TestContext.Current.CancellationToken);
    }

    private static TrainingRollout[] Batch(LoadedModel model) =>
        [.. Enumerable.Range(0, 6).Select(i => new TrainingRollout(Samples.Tokens(3 + i, model, 1), Samples.Tokens(8 - i, model, (ulong)(10 + i)), [.. Enumerable.Repeat(-6f, 8 - i)], i % 2 == 0 ? 1 : -1))];

    private static Task<float[]> ValuesAsync(PolicyState state) =>
        TestEngine.RunAsync(() => cat([.. state.Adapter.Parameters().Select(x => x.Tensor.detach().flatten())]).data<float>().ToArray());

    private static Task<float[][]> ScoresAsync(LoadedModel model, PolicyState state, TrainingRollout[] batch) => TestEngine.RunAsync(() =>
        batch.Select(x => Training.Generation.SequenceScorer.LogProbabilities(model.Decoder, state.Adapter, [.. x.Prompt, .. x.Completion])[(x.Prompt.Length - 1)..]).ToArray());
}
