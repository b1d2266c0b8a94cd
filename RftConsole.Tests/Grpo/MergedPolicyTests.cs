using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Models;

using TorchSharp;

namespace RftConsole.Tests.Grpo;

public sealed class MergedPolicyTests
{
    /// <summary>Grouped-query attention, biases and q/k norms: the shapes that packing must get right.</summary>
    public static TheoryData<string> Models => ["tiny-llama-tied", "tiny-qwen2", "tiny-qwen3"];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_policy_with_the_adapter_merged_equals_the_model_with_its_adapter(string name)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(name));
        var adapter = await TestEngine.RunAsync(() => LoraAdapter.Create(model.Decoder.Config, new LoraShape(4, 8, WeightShapes.LinearLayers), 3));
        int[] ids = [.. Enumerable.Range(5, 40)];
        await using (var policy = new MergedPolicy(model, adapter, TestEngine.Compute))
        {
            var unchanged = await policy.CurrentAsync(cancellation);
            AssertEqual(await Score(model.Decoder, null, ids), await Score(unchanged.Decoder, null, ids));

            await TestEngine.RunAsync(() =>
            {
                foreach (var (_, tensor) in adapter.Parameters())
                {
                    tensor.copy_(torch.linspace(-0.2, 0.2, tensor.NumberOfElements).view(tensor.shape));
                }
            });
            float[] tuned = await Score(model.Decoder, adapter, ids);
            Assert.True(tuned.Zip(await Score(model.Decoder, null, ids)).Max(x => Math.Abs(x.First - x.Second)) > 0.1, "the adapter must change the model for this test to say anything");

            policy.Changed();
            AssertEqual(tuned, await Score((await policy.CurrentAsync(cancellation)).Decoder, null, ids));
        }

        // The base model outlives it.
        Assert.NotEmpty(await Score(model.Decoder, null, ids));
        await TestEngine.RunAsync(adapter.Dispose);
    }

    private static Task<float[]> Score(Decoder decoder, LoraAdapter? adapter, int[] ids) => TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(decoder, adapter, ids));

    private static void AssertEqual(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i], expected[i] - 1e-4f, expected[i] + 1e-4f);
        }
    }
}
