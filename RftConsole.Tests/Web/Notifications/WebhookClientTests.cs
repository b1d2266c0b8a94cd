using Microsoft.AspNetCore.Http;

using RftConsole.Web.Notifications;

namespace RftConsole.Tests.Web.Notifications;

/// <summary>What is tried again, how often, and how the signature is made.</summary>
public sealed class WebhookClientTests : IAsyncLifetime
{
    private static readonly WebhookMessage s_message = new("evt_1", WebhookMessage.TestType, 1_790_000_000, null);

    private readonly ImpatientTime _time = new();
    private WebhookListener _receiver = null!;
    private WebhookClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookListener.StartAsync();
        _client = new(_time);
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task What_may_have_gone_by_the_next_time_is_tried_again_with_the_same_id(int status)
    {
        _receiver.Answers.Enqueue(Results.StatusCode(status));
        _receiver.Answers.Enqueue(Results.StatusCode(status));

        WebhookResult result = await _client.DeliverAsync(Target(), s_message, TestContext.Current.CancellationToken);

        Assert.Equal((true, 3), (result.Works, result.Tries));
        Delivery[] deliveries = [await _receiver.NextAsync(), await _receiver.NextAsync(), await _receiver.NextAsync()];
        Assert.All(deliveries, delivery => Assert.Equal("evt_1", delivery.Headers["webhook-id"]));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(410)]
    public async Task What_the_receiver_refuses_is_final(int status)
    {
        _receiver.Answers.Enqueue(Results.StatusCode(status));

        WebhookResult result = await _client.DeliverAsync(Target(), s_message, TestContext.Current.CancellationToken);

        Assert.Equal((false, 1), (result.Works, result.Tries));
        Assert.Contains($"it answered {status}", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using WebhookListener elsewhere = await WebhookListener.StartAsync();
        _receiver.Answers.Enqueue(Results.Redirect(elsewhere.Address.ToString(), preserveMethod: true));

        WebhookResult result = await _client.DeliverAsync(Target(), s_message, TestContext.Current.CancellationToken);

        Assert.Equal((false, 1), (result.Works, result.Tries));
        Assert.Contains("redirects are not followed", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, elsewhere.Unread);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_given_up_after_the_last_try()
    {
        Uri gone;
        await using (WebhookListener shortLived = await WebhookListener.StartAsync())
        {
            gone = shortLived.Address;
        }

        WebhookResult result = await _client.DeliverAsync(new(gone, null, null), s_message, TestContext.Current.CancellationToken);

        Assert.Equal((false, WebhookClient.MostTries), (result.Works, result.Tries));
        Assert.Contains("refused", result.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([2, 4, 8, 16, 32, 64], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    /// <summary>The vector of the Standard Webhooks specification's libraries.</summary>
    [Fact]
    public void The_signature_is_the_one_of_the_specification() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookMessage.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}"u8));

    [Fact]
    public void A_new_secret_can_be_used_and_is_never_the_same()
    {
        string secret = WebhookMessage.NewSecret();

        Assert.Equal(secret, WebhookMessage.RequireSecret(secret));
        Assert.NotEqual(secret, WebhookMessage.NewSecret());
    }

    private WebhookTarget Target() => new(_receiver.Address, null, null);

    /// <summary>Waits between tries pass at once, and the time limit of a try, which is none of them, never comes.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == s_limit || dueTime == Timeout.InfiniteTimeSpan)
            {
                return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
