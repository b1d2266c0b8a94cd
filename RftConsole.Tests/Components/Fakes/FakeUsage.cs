using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Usage in memory.</summary>
public sealed class FakeUsage : IUsage
{
    public FakeNews News { get; } = new();

    public List<UsageHour> Hours { get; } = [];

    public Task<IReadOnlyList<UsageHour>> SinceAsync(DateTimeOffset since, string? target = null, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<UsageHour>>([.. Hours.Where(hour => hour.Hour >= since && (target is null || hour.Target == target))]);

    public IDisposable Subscribe(Func<Task> changed) => News.Subscribe(changed);
}
