using RftConsole.Training.Compute;
using RftConsole.Training.Grpo;
using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Tests.Grpo;

/// <summary>The fused gradient is that of libtorch's own differentiation, however a batch is cut, ordered and padded.</summary>
public sealed class MicroBatchTests
{
    [Theory]
    [InlineData("tiny-llama-tied", LossType.Dapo, 0.0, 1.0)]
    [InlineData("tiny-llama-tied", LossType.Grpo, 0.2, 0.8)]
    [InlineData("tiny-qwen2", LossType.DrGrpo, 0.05, 1.0)]
    [InlineData("tiny-qwen3", LossType.Bnpo, 0.2, 1.3)]
    public async Task The_gradient_equals_automatic_differentiation_over_full_logits(string set, LossType type, double kl, double temperature)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        var options = new GrpoOptions(type, kl, 0.2, 0.28, temperature, 12, 1);
        await TestEngine.RunAsync(() =>
        {
            using var adapter = Adapter(model);
            var rollouts = Rollouts(model, adapter, temperature);
            double loss = 0;
            foreach (var rollout in rollouts)
            {
                loss += Run(model, adapter, options, [rollout], rollouts).Loss;
            }

            var fused = Gradient(adapter);
            using var decoder = Reference(model.Path);
            double reference = Differentiate(decoder, adapter, rollouts, options);
            var expected = Gradient(adapter);

            Assert.Equal(reference, loss, 1e-5 * Math.Max(1, Math.Abs(reference)));
            Assert.True(expected.norm().item<float>() > 1e-3);
            Assert.InRange(Relative(expected, fused), 0, 2e-5);
        });
    }

    [Fact]
    public async Task Splitting_order_and_padding_do_not_change_the_gradient()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        await TestEngine.RunAsync(() =>
        {
            using var adapter = Adapter(model);
            var rollouts = Rollouts(model, adapter, 1);
            var whole = Run(model, adapter, rollouts, rollouts.Length);

            // Sums in single precision in another order: some ten times its rounding of 6e-8.
            Assert.InRange(Relative(whole, Run(model, adapter, rollouts, 1)), 0, 2e-6);
            Assert.InRange(Relative(whole, Run(model, adapter, rollouts, 3)), 0, 2e-6);
            Assert.InRange(Relative(whole, Run(model, adapter, [.. rollouts.Reverse()], 2)), 0, 2e-6);
        });
    }

    [Fact]
    public async Task A_rollout_without_advantage_adds_nothing_to_the_gradient()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        await TestEngine.RunAsync(() =>
        {
            using var adapter = Adapter(model);
            var rollouts = Rollouts(model, adapter, 1);
            var options = new GrpoOptions(LossType.Dapo, 0, 0.2, 0.28, 1, 12, 1);
            Run(model, adapter, options, rollouts, rollouts);
            var before = Gradient(adapter, clear: false);
            var sums = Run(model, adapter, options, [.. rollouts.Select(x => x with { Advantage = 0 })], rollouts);

            Assert.Equal(0, (before - Gradient(adapter)).abs().max().item<float>());
            Assert.Equal(0, sums.Loss);
            Assert.True(sums.Entropy > 0, "it is measured all the same");
        });
    }

    [Fact]
    public async Task Entropy_and_gap_are_those_of_the_policys_distribution()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        await TestEngine.RunAsync(() =>
        {
            using var adapter = Adapter(model);
            var rollout = Rollouts(model, adapter, 1)[0];
            using var noGradient = no_grad();
            using var decoder = Reference(model.Path);
            var logProbabilities = Logits(decoder, adapter, rollout).log_softmax(1);
            double entropy = -(logProbabilities.exp() * logProbabilities).sum().item<float>();
            float[] chosen = Chosen(logProbabilities, rollout).data<float>().ToArray();
            var sums = Run(model, adapter, new(LossType.Dapo, 0, 0.2, 0.28, 1, 12, 1), [rollout], [rollout]);

            Assert.Equal(entropy, sums.Entropy, 1e-3);
            Assert.Equal(chosen.Zip(rollout.OldLogProbabilities, (x, y) => Math.Abs(x - y)).Max(), sums.LogProbabilityGap, 1e-5);
        });
    }

    private static LoraAdapter Adapter(LoadedModel model)
    {
        var adapter = Samples.Adapter(model.Decoder.Config, 5);
        adapter.RequireGradients();
        return adapter;
    }

    /// <summary>Rollouts of ragged lengths whose old log-probabilities lie around the new ones, so that some tokens are clipped.</summary>
    private static TrainingRollout[] Rollouts(LoadedModel model, LoraAdapter adapter, double temperature)
    {
        using var noGradient = no_grad();
        using var decoder = Reference(model.Path);

        // Groups of three that share their prompt, and one of a single completion.
        int[][] prompts = [.. Enumerable.Range(0, 3).Select(i => Samples.Tokens(2 + (5 * i), model, (ulong)(20 + i)))];
        return [.. Enumerable.Range(0, 7).Select(i =>
        {
            var rollout = new TrainingRollout(prompts[i / 3], Samples.Tokens(1 + (3 * i % 8), model, (ulong)(40 + i)), [], i == 3 ? 1.5 : i - 2.7);
            float[] news = Chosen((Logits(decoder, adapter, rollout) / temperature).log_softmax(1), rollout).data<float>().ToArray();
            return rollout with { OldLogProbabilities = [.. news.Select((x, j) => x + (float)(0.3 * CounterRandom.Normal(6, (ulong)i, (ulong)j)))] };
        })];
    }

    private static Tensor Run(LoadedModel model, LoraAdapter adapter, TrainingRollout[] rollouts, int size)
    {
        foreach (var part in rollouts.Chunk(size))
        {
            Run(model, adapter, new(LossType.Dapo, 0.1, 0.2, 0.28, 1, 12, 1), part, rollouts);
        }

        return Gradient(adapter);
    }

    /// <summary>Adds the gradient of a part of a batch.</summary>
    private static MicroBatchSums Run(LoadedModel model, LoraAdapter adapter, GrpoOptions options, TrainingRollout[] part, TrainingRollout[] batch)
    {
        using var policy = model.Decoder.CreateMerged();
        model.Decoder.MergeInto(policy, adapter, ComputeThread.Team);
        using var micro = new MicroBatch(policy, model.Decoder, adapter, options);
        var sums = micro.Slices(part, Tokens(batch), batch.Length).Last()!;
        micro.MoveGradients();
        return sums;
    }

    /// <summary>The same weights in libtorch's own operations.</summary>
    private static AutogradDecoder Reference(string path)
    {
        using var source = ModelSource.Open(path);
        using var weights = source.OpenWeights();
        return AutogradDecoder.Load(weights, source.Config);
    }

    private static long Tokens(TrainingRollout[] rollouts) => rollouts.Sum(x => (long)x.Completion.Length);

    /// <summary>All gradients of the adapter as one vector.</summary>
    private static Tensor Gradient(LoraAdapter adapter, bool clear = true)
    {
        var all = cat([.. adapter.Parameters().Select(x => x.Tensor.grad!.flatten())]).clone();
        foreach (var (_, parameter) in adapter.Parameters())
        {
            if (clear)
            {
                parameter.grad!.zero_();
            }
        }

        return all;
    }

    private static double Relative(Tensor expected, Tensor actual) => ((expected - actual).to(ScalarType.Float64).norm() / expected.to(ScalarType.Float64).norm()).item<double>();

    /// <summary>The loss of the batch in libtorch's own operations on full logits, differentiated by libtorch.</summary>
    private static double Differentiate(AutogradDecoder decoder, LoraAdapter adapter, TrainingRollout[] rollouts, GrpoOptions options)
    {
        var total = zeros(1);
        foreach (var rollout in rollouts)
        {
            int length = rollout.Completion.Length;
            double weight = options.LossType switch
            {
                LossType.Grpo => 1.0 / (rollouts.Length * length),
                LossType.DrGrpo => 1.0 / (rollouts.Length * options.MaxCompletionTokens),
                _ => 1.0 / Tokens(rollouts),
            };
            var news = Chosen((Logits(decoder, adapter, rollout) / options.Temperature).log_softmax(1), rollout);
            var ratio = (news - tensor(rollout.OldLogProbabilities)).exp();
            var loss = -minimum(ratio * rollout.Advantage, ratio.clamp(1 - options.ClipLow, 1 + options.ClipHigh) * rollout.Advantage);
            Tensor reference;
            using (no_grad())
            {
                reference = Chosen((Logits(decoder, null, rollout) / options.Temperature).log_softmax(1), rollout);
            }

            var difference = reference - news;
            total = total + (weight * (loss + (options.KlCoefficient * ratio * (difference.exp() - difference - 1))).sum());
        }

        total.backward();
        return total.item<float>();
    }

    /// <summary>Logits of the completion's tokens, of an unpadded forward pass of its own.</summary>
    private static Tensor Logits(AutogradDecoder decoder, LoraAdapter? adapter, TrainingRollout rollout)
    {
        long[] ids = [.. rollout.Prompt.Concat(rollout.Completion).Select(x => (long)x)];
        var hidden = decoder.Forward(tensor(ids, [1, ids.Length]), arange(ids.Length).unsqueeze(0), adapter).squeeze(0);
        return decoder.Logits(hidden).narrow(0, rollout.Prompt.Length - 1, rollout.Completion.Length);
    }

    private static Tensor Chosen(Tensor logProbabilities, TrainingRollout rollout) =>
        logProbabilities.gather(1, tensor(rollout.Completion.Select(x => (long)x).ToArray()).unsqueeze(1)).squeeze(1);
}
