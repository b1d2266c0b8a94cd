using System.Text.Json;

using RftConsole.Training.Grpo;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Grpo;

/// <summary>Three GRPO updates on a fixed batch equal those of an independent implementation, for every case that the set holds, with each prompt computed once for its group and without.</summary>
public sealed class GrpoGoldenTests
{
    private const double Tolerance = 1e-3;

    public static TheoryData<string, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, bool>();
            foreach (string set in Goldens.SetsWith("grpo/grpo.json"))
            {
                for (int i = Read(set).GetProperty("cases").GetArrayLength() - 1; i >= 0; i--)
                {
                    cases.Add(set, i, false);
                    cases.Add(set, i, true);
                }
            }

            return cases;
        }
    }

    [Fact]
    public void There_are_cases_to_compare_with() => Assert.NotEmpty(Cases);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Losses_norms_clip_ratios_and_the_adapter_equal_the_reference(string set, int index, bool sharedPrompts)
    {
        var golden = Read(set);
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        var test = golden.GetProperty("cases")[index];
        double temperature = test.GetProperty("temperature").GetDouble();
        double kl = test.GetProperty("kl_coefficient").GetDouble();
        string lossType = test.GetProperty("loss_type").GetString()!;
        var options = new GrpoOptions(
            lossType switch { "dapo" => LossType.Dapo, "grpo" => LossType.Grpo, "bnpo" => LossType.Bnpo, "dr_grpo" => LossType.DrGrpo, _ => throw new InvalidDataException(lossType) },
            kl,
            golden.GetProperty("clip_low").GetDouble(),
            golden.GetProperty("clip_high").GetDouble(),
            temperature,
            golden.GetProperty("max_completion_length").GetInt32(),
            golden.GetProperty("optimizer").GetProperty("max_grad_norm").GetDouble());
        var rollouts = Rollouts(golden, test, sharedPrompts);
        var adapter = await TestEngine.RunAsync(() => PeftAdapter.Load(Goldens.FileOf(set, "grpo/adapter_init"), model.Decoder.Config));
        var optimizer = await TestEngine.RunAsync(() =>
        {
            adapter.RequireGradients();
            return new AdamW(adapter.Parameters(), new AdamWOptions());
        });
        await using var policy = new MergedPolicy(model, adapter, TestEngine.Compute);
        await using var trainer = new GrpoTrainer(policy, optimizer, options);
        foreach (var step in test.GetProperty("steps").EnumerateArray())
        {
            var metrics = await trainer.UpdateAsync(rollouts, golden.GetProperty("optimizer").GetProperty("lr").GetDouble(), TestContext.Current.CancellationToken);
            Near(step.GetProperty("loss").GetDouble(), metrics.Loss, "loss");
            Near(step.GetProperty("grad_norm").GetDouble(), metrics.GradNorm, "grad_norm");
            var expected = step.GetProperty("metrics");
            Near(expected.GetProperty("entropy").GetDouble(), metrics.Entropy, "entropy");
            Near(expected.GetProperty("clip_ratio/low_mean").GetDouble(), metrics.ClipLow, "clip_ratio/low_mean");
            Near(expected.GetProperty("clip_ratio/high_mean").GetDouble(), metrics.ClipHigh, "clip_ratio/high_mean");
            if (expected.TryGetProperty("kl", out var divergence))
            {
                Near(divergence.GetDouble(), metrics.Kl, "kl");
            }
        }

        await CompareAdapter(set, FormattableString.Invariant($"grpo/adapter_after_{lossType}-kl{kl:0.0#}-t{temperature:0.0#}"), adapter);
        await TestEngine.RunAsync(() =>
        {
            optimizer.Dispose();
            adapter.Dispose();
        });
    }

    private static async Task CompareAdapter(string set, string folder, LoraAdapter adapter)
    {
        // Only some of the cases come with the adapter they end with.
        if (!Goldens.SetsWith(folder + "/" + PeftAdapter.WeightsFile).Contains(set))
        {
            return;
        }

        string path = Path.Combine(Goldens.FileOf(set, folder), PeftAdapter.WeightsFile);
        double largest = await TestEngine.RunAsync(() =>
        {
            using var file = SafetensorsFile.Open(path);
            return adapter.Parameters().Max(x => (x.Tensor.detach() - file.Read(x.Name, x.Tensor.shape)).abs().max().item<float>());
        });
        Assert.InRange(largest, 0, 1e-4);
    }

    private static List<TrainingRollout> Rollouts(JsonElement golden, JsonElement test, bool sharedPrompts)
    {
        var rollouts = new List<TrainingRollout>();
        int groupSize = golden.GetProperty("group_size").GetInt32();
        for (int i = 0; i < golden.GetProperty("prompt_ids").GetArrayLength(); i++)
        {
            int[] prompt = [.. golden.GetProperty("prompt_ids")[i].EnumerateArray().Select(x => x.GetInt32())];
            rollouts.Add(new(
                sharedPrompts && i % groupSize != 0 ? rollouts[^1].Prompt : prompt,
                [.. golden.GetProperty("completion_ids")[i].EnumerateArray().Select(x => x.GetInt32())],
                [.. test.GetProperty("old_logprobs")[i].EnumerateArray().Select(x => x.GetSingle())],
                golden.GetProperty("advantages")[i].GetDouble()));
        }

        return rollouts;
    }

    private static JsonElement Read(string set) => JsonElement.Parse(File.ReadAllText(Goldens.FileOf(set, "grpo/grpo.json")));

    private static void Near(double expected, double actual, string name) =>
        Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(Math.Abs(expected), 1e-3), $"{name}: {actual} where the reference has {expected}");
}
