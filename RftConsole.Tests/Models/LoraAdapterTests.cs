using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Models;

/// <summary>A new adapter changes nothing, and is made of its seed alone.</summary>
public sealed class LoraAdapterTests
{
    private static readonly LoraShape Shape = new(4, 8, [.. WeightShapes.LinearLayers]);

    [Fact]
    public async Task A_new_adapter_changes_nothing()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        int[] ids = Samples.Tokens(20, model, 1);
        await TestEngine.RunAsync(() =>
        {
            using var adapter = LoraAdapter.Create(model.Decoder.Config, Shape, 42);
            using var trained = Samples.Adapter(model.Decoder.Config, 42);
            float[] expected = SequenceScorer.LogProbabilities(model.Decoder, null, ids);

            Assert.Equal(expected, SequenceScorer.LogProbabilities(model.Decoder, adapter, ids));
            Assert.NotEqual(expected, SequenceScorer.LogProbabilities(model.Decoder, trained, ids));
        });
    }

    [Fact]
    public async Task A_new_adapter_is_a_pure_function_of_shape_and_seed()
    {
        var config = (await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"))).Decoder.Config;
        await TestEngine.RunAsync(() =>
        {
            using var first = LoraAdapter.Create(config, Shape, 1);
            using var same = LoraAdapter.Create(config, Shape, 1);
            using var other = LoraAdapter.Create(config, Shape, 2);
            using var part = LoraAdapter.Create(config, Shape with { Targets = ["o_proj"] }, 1);

            Assert.Equal(2 * config.LayerCount * WeightShapes.LinearLayers.Count, first.Parameters().Count());
            foreach (var ((name, a), (otherName, b)) in first.Parameters().Zip(same.Parameters()))
            {
                Assert.Equal(name, otherName);
                Assert.Equal(a.data<float>().ToArray(), b.data<float>().ToArray());
            }

            var down = other.Parameters().Where(x => x.Name.Contains("lora_A", StringComparison.Ordinal)).ToDictionary(x => x.Name, x => x.Tensor.data<float>().ToArray());
            Assert.All(first.Parameters().Where(x => down.ContainsKey(x.Name)), x => Assert.NotEqual(down[x.Name], x.Tensor.data<float>().ToArray()));
            Assert.Equal(
                first.Parameters().Single(x => x.Name.Contains("layers.1.self_attn.o_proj.lora_A", StringComparison.Ordinal)).Tensor.data<float>().ToArray(),
                part.Parameters().Single(x => x.Name.Contains("layers.1.self_attn.o_proj.lora_A", StringComparison.Ordinal)).Tensor.data<float>().ToArray());
        });
    }

    [Fact]
    public async Task The_first_factor_is_uniform_within_the_inverse_root_of_its_input()
    {
        var config = (await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"))).Decoder.Config;
        await TestEngine.RunAsync(() =>
        {
            using var adapter = LoraAdapter.Create(config, new(16, 8, ["q_proj"]), 3);
            float[] values = adapter.Parameters().First().Tensor.data<float>().ToArray();
            double bound = 1 / Math.Sqrt(config.HiddenSize);

            Assert.Equal(16 * config.HiddenSize, values.Length);
            Assert.All(values, x => Assert.InRange(x, -bound, bound));

            // Uniform within ±b: variance b²/3; that of the squares is 4b⁴/45.
            Assert.InRange(values.Average(x => x * x) - (bound * bound / 3), -5 * bound * bound * Math.Sqrt(4 / 45.0 / values.Length), 5 * bound * bound * Math.Sqrt(4 / 45.0 / values.Length));
        });
    }

    [Fact]
    public void The_scale_is_alpha_over_the_rank_or_over_its_root()
    {
        Assert.Equal(2, new LoraShape(16, 32, []).Scale);
        Assert.Equal(8, new LoraShape(16, 32, [], RankStabilized: true).Scale);
    }
}
