using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Hand-graded examples in memory.</summary>
public sealed class FakeGradedExamples : IGradedExamples
{
    private readonly List<(string RewardId, GradedExample Example)> _examples = [];

    public FakeNews News { get; } = new();

    /// <summary>Rollouts that were graded, in order.</summary>
    public List<(string RewardId, string JobId, Rollout Rollout, double Grade)> Rollouts { get; } = [];

    public Task<IReadOnlyList<GradedExample>> ListAsync(string rewardId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<GradedExample>>([.. _examples.Where(kept => kept.RewardId == rewardId).Select(kept => kept.Example)]);

    public Task GradeAsync(string rewardId, TrainingRecord record, string response, double grade, CancellationToken cancellationToken = default)
    {
        _examples.Add((rewardId, new($"x{_examples.Count + 1}", record, response, grade)));
        return Task.CompletedTask;
    }

    public Task GradeAsync(string rewardId, string jobId, Rollout rollout, double grade, CancellationToken cancellationToken = default)
    {
        Rollouts.Add((rewardId, jobId, rollout, grade));
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        _examples.RemoveAll(kept => kept.Example.Id == id);
        return Task.CompletedTask;
    }

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
