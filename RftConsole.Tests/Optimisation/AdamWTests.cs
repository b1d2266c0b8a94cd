using RftConsole.Training.Compute;
using RftConsole.Training.Optimisation;

using static TorchSharp.torch;

namespace RftConsole.Tests.Optimisation;

/// <summary>The optimiser takes the steps of libtorch's own.</summary>
public sealed class AdamWTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public async Task Five_steps_equal_those_of_torch(double weightDecay) => await TestEngine.RunAsync(() =>
    {
        var ours = Values(1).requires_grad_(true);
        using var theirs = new TorchSharp.Modules.Parameter(Values(1));
        using var optimizer = new AdamW([("w", ours)], new AdamWOptions(WeightDecay: weightDecay));
        using var reference = optim.AdamW([theirs], lr: 0.01, weight_decay: weightDecay);
        for (int step = 1; step <= 5; step++)
        {
            // The gradient of (w · g) is g.
            var gradient = Values((ulong)step + 10) * (step == 3 ? 50 : 1);
            (ours * gradient).sum().backward();
            reference.zero_grad();
            (theirs * gradient).sum().backward();
            optimizer.Step(0.01);
            reference.step();
            Assert.InRange((ours - theirs).abs().max().item<float>(), 0, 1e-6);
        }

        Assert.Equal(5, optimizer.StepCount);
        Assert.True((ours - Values(1)).abs().max().item<float>() > 0.01);
    });

    [Fact]
    public async Task Gradients_are_clipped_to_their_joint_norm_and_the_norm_before_is_told() => await TestEngine.RunAsync(() =>
    {
        var (a, b) = (zeros(2).requires_grad_(true), zeros(1).requires_grad_(true));
        using var optimizer = new AdamW([("a", a), ("b", b)], new AdamWOptions());
        ((a * tensor(new float[] { 2, 3 })).sum() + (b * 6).sum()).backward();

        // √(4 + 9 + 36) = 7.
        Assert.Equal(7, optimizer.ClipGradients(1), 1e-6);
        Assert.Equal(1, Math.Sqrt(a.grad!.square().sum().item<float>() + b.grad!.square().sum().item<float>()), 1e-5);
        Assert.Equal(2 / 7.0, a.grad![0].item<float>(), 1e-6);
        Assert.Equal(1, optimizer.ClipGradients(100), 1e-5);
        Assert.Equal(6 / 7.0, b.grad![0].item<float>(), 1e-6);
    });

    [Fact]
    public async Task A_step_without_a_gradient_is_the_same_whether_or_not_one_came_before_in_this_process() => await TestEngine.RunAsync(() =>
    {
        // A resumed job has the moments and no gradient yet; the job that went on has a gradient of zeros.
        var went = Values(1).requires_grad_(true);
        using var going = new AdamW([("w", went)], new AdamWOptions(WeightDecay: 0.1));
        (went * Values(2)).sum().backward();
        going.ClipGradients(1);
        going.Step(0.01);

        var resumed = went.detach().clone().requires_grad_(true);
        using var resuming = new AdamW([("w", resumed)], new AdamWOptions(WeightDecay: 0.1)) { StepCount = going.StepCount };
        foreach (var (from, to) in going.State().Zip(resuming.State()))
        {
            to.Moment.copy_(from.Moment);
        }

        Assert.Equal(0, going.ClipGradients(1));
        Assert.Equal(0, resuming.ClipGradients(1));
        going.Step(0.01);
        resuming.Step(0.01);

        Assert.Equal(went.data<float>().ToArray(), resumed.data<float>().ToArray());
        Assert.All(going.State().Zip(resuming.State()), x => Assert.Equal(x.First.Moment.data<float>().ToArray(), x.Second.Moment.data<float>().ToArray()));
    });

    private static Tensor Values(ulong seed) => tensor([.. Enumerable.Range(0, 40).Select(i => (float)CounterRandom.Normal(seed, 0, (ulong)i))], [5, 8]);
}
