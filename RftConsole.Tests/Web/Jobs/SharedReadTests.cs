using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class SharedReadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ChangeFeed _feed;
    private int _reads;

    public SharedReadTests() => _feed = new(_time, NullLogger<ChangeFeed>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_who_ask_at_the_same_time_share_one_reading()
    {
        TaskCompletionSource gate = new();
        SharedRead<string> shared = Read(gate.Task);

        Task<string>[] asked = [.. Enumerable.Range(0, 20).Select(_ => shared.GetAsync(Cancellation))];
        gate.SetResult();

        Assert.All(await Task.WhenAll(asked), read => Assert.Equal("reading 1", read));
        Assert.Equal("reading 1", await shared.GetAsync(Cancellation));
    }

    [Fact]
    public async Task After_a_change_it_is_read_again_even_while_the_reading_before_goes_on()
    {
        TaskCompletionSource gate = new();
        SharedRead<string> shared = Read(gate.Task);
        Task<string> before = shared.GetAsync(Cancellation);

        _feed.Publish(ChangeTopic.Jobs, "a");
        Task<string> after = shared.GetAsync(Cancellation);
        gate.SetResult();

        Assert.NotEqual(await before, await after);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task What_nobody_told_of_is_seen_after_the_lifetime_of_a_reading()
    {
        SharedRead<string> shared = Read(Task.CompletedTask);
        await shared.GetAsync(Cancellation);

        _time.Advance(SharedRead<string>.Lifetime - TimeSpan.FromMilliseconds(1));
        Assert.Equal("reading 1", await shared.GetAsync(Cancellation));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("reading 2 after reading 1", await shared.GetAsync(Cancellation));
    }

    [Fact]
    public async Task A_reading_that_failed_is_tried_again_and_one_who_gives_up_takes_it_from_nobody()
    {
        TaskCompletionSource gate = new();
        SharedRead<string> shared = Read(gate.Task);
        using CancellationTokenSource impatient = new();
        Task<string> left = shared.GetAsync(impatient.Token);
        Task<string> stays = shared.GetAsync(Cancellation);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        gate.SetException(new IOException("locked"));

        await Assert.ThrowsAsync<IOException>(() => stays);
        await Assert.ThrowsAsync<IOException>(() => shared.GetAsync(Cancellation));
        Assert.Equal(2, _reads);
    }

    private SharedRead<string> Read(Task gate) => new(
        async before =>
        {
            int number = Interlocked.Increment(ref _reads);
            await gate;
            return before is null ? $"reading {number}" : $"reading {number} after {before}";
        },
        _feed,
        _time);
}
