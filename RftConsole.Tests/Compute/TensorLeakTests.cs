using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Weights;

using TorchSharp;

namespace RftConsole.Tests.Compute;

/// <summary>No work on a compute thread leaves tensors behind. Each test has a thread of its own, because the count is by thread.</summary>
public sealed class TensorLeakTests
{
    [Fact]
    public async Task A_generation_leaves_no_tensors()
    {
        await using var compute = new ComputeThread(2);
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        long before = await LiveAsync(compute);

        // Groups end at different steps, so that some are dropped on the way.
        await Samples.GenerateAsync(compute, model with { EndTokens = Enumerable.Range(0, 60).ToHashSet() }, Samples.Prompts(5, model), 2, 12);

        Assert.Equal(before, await LiveAsync(compute));
    }

    [Fact]
    public async Task A_cancelled_generation_leaves_no_tensors()
    {
        await using var compute = new ComputeThread(2);
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        long before = await LiveAsync(compute);
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new BatchGenerator(compute).GenerateAsync(
            model,
            null,
            Samples.Prompts(2, model),
            2,
            new SamplingOptions(1, 1, 450),
            (_, _, token) =>
            {
                if (token == 5)
                {
                    cancelled.Cancel();
                }

                return 0.5;
            },
            WorkPriority.Training,
            cancelled.Token));

        Assert.Equal(before, await LiveAsync(compute));
    }

    [Fact]
    public async Task A_training_step_leaves_no_tensors()
    {
        await using var compute = new ComputeThread(2);
        await using var models = new ModelHost(compute);
        var model = await models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        var state = await compute.RunAsync(WorkPriority.Training, () => PolicyState.Create(model.Decoder.Config, new Hyperparameters()));
        await using var policy = new MergedPolicy(model, state.Adapter, compute);
        await using var trainer = new GrpoTrainer(policy, state.Optimizer, new(LossType.Dapo, 0.1, 0.2, 0.28, 0.9, 16, 1));
        TrainingRollout[] rollouts = [.. Enumerable.Range(0, 6).Select(i => new TrainingRollout([3, 4, 5], [.. Enumerable.Range(7, i + 1)], new float[i + 1], i - 2.5))];
        long before = await LiveAsync(compute);
        for (int i = 0; i < 3; i++)
        {
            await trainer.UpdateAsync(rollouts, 1e-3, TestContext.Current.CancellationToken);
            Assert.Equal(before, await LiveAsync(compute));
        }

        await compute.RunAsync(WorkPriority.Training, state.Dispose);
    }

    [Fact]
    public async Task A_state_that_was_saved_loaded_and_disposed_of_leaves_no_tensors()
    {
        using var folder = new TemporaryFolder();
        await using var compute = new ComputeThread(2);
        await using var models = new ModelHost(compute);
        var config = (await models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"))).Decoder.Config;
        var h = new Hyperparameters { LoraRank = 4 };
        long before = await LiveAsync(compute);
        await compute.RunAsync(WorkPriority.Training, () =>
        {
            using var state = PolicyState.Create(config, h);
            state.Save(folder.Path, "base");
        });
        await compute.RunAsync(WorkPriority.Training, () => PolicyState.Load(folder.Path, config, h, 1).Dispose());

        Assert.Equal(before, await LiveAsync(compute));
    }

    [Fact]
    public async Task An_adapter_that_cannot_be_loaded_leaves_no_tensors()
    {
        using var folder = new TemporaryFolder();
        await using var compute = new ComputeThread(2);
        await using var models = new ModelHost(compute);
        var config = (await models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"))).Decoder.Config;
        await compute.RunAsync(WorkPriority.Training, () =>
        {
            using var state = PolicyState.Create(config, new Hyperparameters { LoraRank = 4 });
            state.Save(folder.Path, "base");

            // The last tensor that is read is missing.
            SafetensorsWriter.Write(
                Path.Combine(folder.Path, PeftAdapter.WeightsFile), state.Adapter.Parameters().Where(x => !x.Name.Contains("layers.1.mlp", StringComparison.Ordinal)).ToDictionary(x => x.Name, x => x.Tensor));
        });
        long before = await LiveAsync(compute);

        await Assert.ThrowsAsync<WeightFormatException>(() => compute.RunAsync(WorkPriority.Training, () => PeftAdapter.Load(folder.Path, config)));

        Assert.Equal(before, await LiveAsync(compute));
    }

    private static Task<long> LiveAsync(ComputeThread compute) =>
        compute.RunAsync(WorkPriority.Training, () => (long)DisposeScopeManager.Statistics.ThreadTotalLiveCount);
}
