using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Supervised;

using static TorchSharp.torch;

namespace RftConsole.Tests.Supervised;

/// <summary>Training of every weight on the decoder's own kernels takes the steps of libtorch's differentiation and optimiser.</summary>
public sealed class SupervisedTrainerTests
{
    private static readonly AdamWOptions s_options = new(Beta1: 0.9, Beta2: 0.98, WeightDecay: 0.01);

    [Theory]
    [InlineData(true, 24, 40, 2, 16, 100)]
    [InlineData(false, 52, 76, 4, 12, 83)]
    public async Task Every_gradient_equals_automatic_differentiation(bool tied, int hidden, int intermediate, int heads, int headSize, int vocabulary) => await TestEngine.RunAsync(() =>
    {
        var config = Config(tied, hidden, intermediate, heads, headSize, vocabulary);
        using var model = Load(config);
        using var trainer = new SupervisedTrainer(model, s_options);
        using var reference = Reference(config);
        var batch = Batch(config, 1);
        double loss = Accumulate(trainer, batch, documentsAtATime: 2);
        double expected = Differentiate(reference, batch);

        Assert.Equal(expected, loss, 1e-5);
        foreach (var weight in trainer.Weights.All)
        {
            var gradient = reference.Weights[weight.Name].grad!;
            double norm = Norm(gradient);
            Assert.True(norm > 1e-4, weight.Name);
            Assert.True(Norm(gradient - weight.Gradient.ToTensor()) / norm < 2e-5, weight.Name);
        }
    });

    [Fact]
    public async Task Steps_equal_those_of_libtorchs_clipping_and_optimiser() => await TestEngine.RunAsync(() =>
    {
        const double Rate = 3e-3, MaxNorm = 0.5;
        var config = Config(true, 24, 40, 2, 16, 100);
        using var model = Load(config);
        using var trainer = new SupervisedTrainer(model, s_options);
        using var reference = Reference(config);
        var parameters = reference.Weights.ToDictionary(x => x.Key, x => new TorchSharp.Modules.Parameter(x.Value.detach().clone()));
        using var optimizer = optim.AdamW(parameters.Values, lr: Rate, beta1: 0.9, beta2: 0.98, eps: 1e-8, weight_decay: 0.01);
        var start = trainer.Weights.All.ToDictionary(x => x.Name, x => x.Value.ToTensor());
        for (int step = 1; step <= 4; step++)
        {
            var batch = Batch(config, (ulong)step);
            Accumulate(trainer, batch, documentsAtATime: 3);
            double norm = trainer.Update(Rate, MaxNorm);
            Differentiate(reference, batch);
            foreach (var (name, parameter) in parameters)
            {
                parameter.grad = reference.Weights[name].grad!.clone();
                reference.Weights[name].grad!.zero_();
            }

            double expected = nn.utils.clip_grad_norm_(parameters.Values, MaxNorm);
            optimizer.step();
            using (no_grad())
            {
                foreach (var (name, parameter) in parameters)
                {
                    reference.Weights[name].copy_(parameter);
                }
            }

            Assert.Equal(expected, norm, 1e-4 * expected);
            Assert.True(expected > MaxNorm, "it is clipped");
        }

        // Adam divides a gradient by its size: where that is next to nothing, its rounding decides the step. So the change is compared weight by weight.
        foreach (var weight in trainer.Weights.All)
        {
            using var expected = reference.Weights[weight.Name].detach() - start[weight.Name];
            Assert.True(Norm(expected) > 0.01, weight.Name);
            Assert.True(Norm(reference.Weights[weight.Name].detach() - weight.Value.ToTensor()) / Norm(expected) < 1e-3, weight.Name);
        }
    });

    [Fact]
    public async Task The_number_of_threads_changes_no_bit()
    {
        var config = Config(true, 52, 76, 4, 12, 83);
        float[][] one = await TrainAsync(1), two = await TrainAsync(2), three = await TrainAsync(3);
        Assert.Equal(one, two);
        Assert.Equal(one, three);

        async Task<float[][]> TrainAsync(int threads)
        {
            await using var compute = new ComputeThread(threads);
            return await compute.RunAsync(WorkPriority.Training, () =>
            {
                using var model = Load(config);
                using var trainer = new SupervisedTrainer(model, s_options);
                for (int step = 1; step <= 3; step++)
                {
                    Accumulate(trainer, Batch(config, (ulong)step), documentsAtATime: 8);
                    trainer.Update(1e-3, 1);
                }

                return trainer.Weights.All.SelectMany(x => x.State()).Select(x => x.Numbers.ToTensor().data<float>().ToArray()).ToArray();
            });
        }
    }

    [Fact]
    public async Task A_text_without_weight_changes_no_bit_of_the_gradient() => await TestEngine.RunAsync(() =>
    {
        var config = Config(true, 24, 40, 2, 16, 100);
        using var model = Load(config);
        using var trainer = new SupervisedTrainer(model, s_options);
        TrainingSequence[] batch = Batch(config, 1);
        TrainingSequence silent = batch[2] with { Weights = new float[batch[2].Ids.Length] };
        Accumulate(trainer, batch, documentsAtATime: 8);
        var alone = trainer.Weights.All.Select(x => x.Gradient.ToTensor()).ToArray();
        trainer.Weights.Step(s_options, 0, 1, 1);
        trainer.Accumulate([silent], 1);
        Accumulate(trainer, batch, documentsAtATime: 8);

        Assert.All(trainer.Weights.All.Zip(alone), x => Assert.Equal(x.Second.data<float>().ToArray(), x.First.Gradient.ToTensor().data<float>().ToArray()));
    });

    [Fact]
    public void A_batch_is_cut_into_parts_that_hold_each_text_once_in_order()
    {
        var config = Config(true, 24, 40, 2, 16, 100);
        TrainingSequence[] batch = [.. Enumerable.Range(0, 60).SelectMany(i => Batch(config, (ulong)i))];
        IReadOnlyList<TrainingSequence>[] parts = [.. SupervisedTrainer.Parts(batch)];

        Assert.Equal(batch, parts.SelectMany(x => x));
        Assert.True(parts.Length > 1);
    }

    private static DecoderConfig Config(bool tied, int hidden, int intermediate, int heads, int headSize, int vocabulary) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        LayerCount = 2,
        HeadCount = heads,
        KeyValueHeadCount = heads / 2,
        HeadSize = headSize,
        ContextLength = 256,
        TiedEmbeddings = tied,
    };

    private static Decoder Load(DecoderConfig config)
    {
        using var source = new LargeWeights(config);
        return Decoder.Load(source, config);
    }

    private static AutogradDecoder Reference(DecoderConfig config)
    {
        using var source = new LargeWeights(config);
        var decoder = AutogradDecoder.Load(source, config);
        foreach (var weight in decoder.Weights.Values)
        {
            weight.requires_grad_(true);
        }

        return decoder;
    }

    /// <summary>Texts of ragged lengths; a part of each is only read, and targets weigh differently.</summary>
    private static TrainingSequence[] Batch(DecoderConfig config, ulong seed) => [.. ((int[])[5, 61, 1, 130, 17]).Select((length, i) =>
    {
        int[] ids = [.. Enumerable.Range(0, length).Select(j => (int)(CounterRandom.Bits(seed, 1, (ulong)i, (ulong)j) % (ulong)config.VocabularySize))];
        float[] weights = [.. Enumerable.Range(0, length).Select(j => j < length / 3 ? 0 : 0.5f + (float)CounterRandom.Uniform(seed, 2, (ulong)i, (ulong)j))];
        return new TrainingSequence(ids, weights);
    })];

    private static double Accumulate(SupervisedTrainer trainer, TrainingSequence[] batch, int documentsAtATime) =>
        batch.Chunk(documentsAtATime).Sum(part => trainer.Accumulate(part, SupervisedTrainer.TotalWeight(batch)));

    /// <summary>Σ w · −log p / Σ w in libtorch's own operations, one text after the other, differentiated by libtorch.</summary>
    private static double Differentiate(AutogradDecoder decoder, TrainingSequence[] batch)
    {
        var total = zeros(1);
        foreach (var (ids, weights) in batch.Where(x => x.Ids.Length > 1))
        {
            var tokens = tensor(ids.Select(x => (long)x).ToArray());
            var hidden = decoder.Forward(tokens[..^1].unsqueeze(0), arange(ids.Length - 1).unsqueeze(0), null).squeeze(0);
            var losses = nn.functional.cross_entropy(decoder.Logits(hidden), tokens[1..], reduction: nn.Reduction.None);
            total = total + (losses * tensor(weights)[1..]).sum();
        }

        total = total / batch.Sum(x => x.Weights.Skip(1).Sum());
        total.backward();
        return total.item<float>();
    }

    private static double Norm(Tensor tensor) => tensor.to(ScalarType.Float64).norm().item<double>();

    /// <summary>Random weights ten times as large as those that training begins with, and norms that are not one: every part of the way back counts.</summary>
    private sealed class LargeWeights(DecoderConfig config) : Training.Weights.IWeightSource
    {
        private readonly RandomWeights _weights = new(config, 3);

        public string Path => _weights.Path;

        public IEnumerable<string> Names => _weights.Names;

        public string StoredType => _weights.StoredType;

        public void Require(string name, params ReadOnlySpan<long> shape) => _weights.Require(name, shape);

        public Tensor Read(string name, params ReadOnlySpan<long> shape)
        {
            var tensor = _weights.Read(name, shape);
            return shape.Length == 1 ? tensor + (arange(shape[0]) * 0.7).sin() * 0.3 : tensor * 10;
        }

        public void Dispose() => _weights.Dispose();
    }
}
