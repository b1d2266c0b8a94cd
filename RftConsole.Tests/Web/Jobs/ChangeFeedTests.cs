using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class ChangeFeedTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ChangeFeed _feed;
    private readonly SemaphoreSlim _calls = new(0);

    public ChangeFeedTests() => _feed = new(_time, NullLogger<ChangeFeed>.Instance);

    [Fact]
    public async Task A_burst_of_changes_is_one_call_at_once_and_one_after_the_interval()
    {
        using IDisposable subscription = _feed.Subscribe(ChangeTopic.Jobs, "a", CountAsync);
        _feed.Publish(ChangeTopic.Jobs, "a");
        await CalledAsync();
        for (int i = 0; i < 50; i++)
        {
            _feed.Publish(ChangeTopic.Jobs, "a");
        }

        _time.Advance(ChangeFeed.Interval - TimeSpan.FromMilliseconds(1));
        await SettledAsync();
        Assert.Equal(0, _calls.CurrentCount);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await CalledAsync();

        _time.Advance(TimeSpan.FromSeconds(10));
        await SettledAsync();
        Assert.Equal(0, _calls.CurrentCount);
    }

    [Fact]
    public async Task A_change_during_a_call_is_told_after_it_and_never_beside_it()
    {
        TaskCompletionSource gate = new();
        int inside = 0;
        int most = 0;
        using IDisposable subscription = _feed.Subscribe(ChangeTopic.Jobs, null, async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            _calls.Release();
            await gate.Task;
            Interlocked.Decrement(ref inside);
        });
        _feed.Publish(ChangeTopic.Jobs, "a");
        await CalledAsync();
        _feed.Publish(ChangeTopic.Jobs, "b");
        _time.Advance(TimeSpan.FromSeconds(1));
        await SettledAsync();
        Assert.Equal(0, _calls.CurrentCount);

        gate.SetResult();
        await CalledAsync();

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_subscriber_hears_its_own_job_only_and_one_without_a_job_hears_all()
    {
        SemaphoreSlim all = new(0);
        using IDisposable one = _feed.Subscribe(ChangeTopic.Jobs, "a", CountAsync);
        using IDisposable any = _feed.Subscribe(ChangeTopic.Jobs, null, () =>
        {
            all.Release();
            return Task.CompletedTask;
        });

        _feed.Publish(ChangeTopic.Jobs, "b");
        _feed.Publish(ChangeTopic.Models);
        Assert.True(await all.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await SettledAsync();

        Assert.Equal((0, 0), (_calls.CurrentCount, all.CurrentCount));
    }

    [Fact]
    public async Task Nothing_is_told_after_the_end_of_a_subscription_not_even_what_was_due()
    {
        IDisposable subscription = _feed.Subscribe(ChangeTopic.Jobs, "a", CountAsync);
        _feed.Publish(ChangeTopic.Jobs, "a");
        await CalledAsync();
        _feed.Publish(ChangeTopic.Jobs, "a");

        subscription.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        _feed.Publish(ChangeTopic.Jobs, "a");
        await SettledAsync();

        Assert.Equal((0, 0), (_calls.CurrentCount, _feed.SubscriptionCount));
    }

    [Fact]
    public async Task A_subscriber_that_fails_costs_nobody_else_the_news()
    {
        using IDisposable failing = _feed.Subscribe(ChangeTopic.Jobs, null, () => throw new InvalidOperationException("a page that is gone"));
        using IDisposable other = _feed.Subscribe(ChangeTopic.Jobs, null, CountAsync);

        _feed.Publish(ChangeTopic.Jobs, "a");
        await CalledAsync();
        _time.Advance(ChangeFeed.Interval);
        _feed.Publish(ChangeTopic.Jobs, "a");

        await CalledAsync();
    }

    private Task CountAsync()
    {
        _calls.Release();
        return Task.CompletedTask;
    }

    private async Task CalledAsync() => Assert.True(await _calls.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "The subscriber was not called.");

    /// <summary>
    /// Calls run on the pool, so that a call too many would come later than the assertion: a call to a second subscriber, made after everything above,
    /// has been queued behind it.
    /// </summary>
    private async Task SettledAsync()
    {
        using SemaphoreSlim marker = new(0);
        using IDisposable subscription = _feed.Subscribe(ChangeTopic.Deployments, null, () =>
        {
            marker.Release();
            return Task.CompletedTask;
        });
        _feed.Publish(ChangeTopic.Deployments);
        _time.Advance(TimeSpan.Zero);
        Assert.True(await marker.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }
}
