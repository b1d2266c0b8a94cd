using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Api;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Notifications;

namespace RftConsole.Tests.Web.Notifications;

/// <summary>The webhook of a real console, received by a real HTTP server.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string Secret = "whsec_c29tZSBzZWNyZXQgYnl0ZXMgZm9yIHRlc3Rz";

    private readonly TemporaryFolder _root = new();
    private readonly FakeJobEngine _engine = new();
    private WebhookListener _receiver = null!;
    private ConsoleHarness _console = null!;

    private IWebhook Webhook => _console.Services.GetRequiredService<IWebhook>();

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookListener.StartAsync();
        _console = await ConsoleHarness.StartAsync(_root, _engine);
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        await _receiver.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task The_end_of_a_job_is_delivered_with_its_figures_and_a_signature_that_the_official_client_accepts()
    {
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "http://127.0.0.1:5080/");
        await Webhook.SetSecretAsync(Secret);
        string id = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));

        Delivery delivery = await _receiver.NextAsync();

        JsonElement told = await OpenAiScript.RunAsync("webhook.mjs", Secret, JsonSerializer.Serialize(delivery.Headers), delivery.Body);
        Assert.Equal("fine_tuning.job.succeeded", told.GetProperty("type").GetString());
        Assert.Equal("event", told.GetProperty("object").GetString());
        JsonElement job = told.GetProperty("data");
        Assert.Equal((id, "arith", "succeeded"), (job.GetProperty("id").GetString(), job.GetProperty("name").GetString(), job.GetProperty("status").GetString()));
        Assert.Equal("http://127.0.0.1:5080/jobs/" + id, job.GetProperty("url").GetString());
        Assert.Equal((6, 0.0, 0.3), (job.GetProperty("steps").GetInt32(), job.GetProperty("baseline_accuracy").GetDouble(), job.GetProperty("accuracy").GetDouble()));
        Assert.Equal("application/json; charset=utf-8", delivery.Headers["content-type"]);
    }

    [Fact]
    public async Task A_changed_body_or_another_secret_is_refused_by_the_official_client()
    {
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        await Webhook.SetSecretAsync(Secret);
        await Webhook.TestAsync();
        Delivery delivery = await _receiver.NextAsync();
        string headers = JsonSerializer.Serialize(delivery.Headers);

        JsonElement changed = await OpenAiScript.RunAsync("webhook.mjs", Secret, headers, delivery.Body + " ");
        JsonElement other = await OpenAiScript.RunAsync("webhook.mjs", "whsec_b3RoZXIgc2VjcmV0IGJ5dGVz", headers, delivery.Body);

        Assert.All([changed, other], answer => Assert.Contains("signature", answer.GetProperty("refused").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_sent_while_there_is_no_webhook_and_nothing_of_before_once_there_is_one()
    {
        await _console.WaitForAsync(await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first")), JobStatus.Completed);
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second") with { CustomModelName = "second" });

        Assert.Equal("second", (await _receiver.NextAsync()).Event.GetProperty("data").GetProperty("name").GetString());
        Assert.Equal(0, _receiver.Unread);
    }

    [Fact]
    public async Task A_receiver_that_is_down_fails_no_job_and_the_next_console_delivers_what_waits()
    {
        await using (WebhookListener gone = await WebhookListener.StartAsync())
        {
            await Webhook.SetAddressAsync(gone.Address.ToString(), "");
        }

        string id = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await _console.WaitForAsync(id, JobStatus.Completed);
        await _console.DisposeAsync();
        _console = await ConsoleHarness.StartAsync(_root, _engine);
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        // The sender may be in the middle of its tries of the old address: a further start takes the new one.
        await _console.DisposeAsync();
        _console = await ConsoleHarness.StartAsync(_root, _engine);

        Assert.Equal(id, (await _receiver.NextAsync()).Event.GetProperty("data").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(JobOutcome.Failed, "fine_tuning.job.failed", "failed")]
    [InlineData(JobOutcome.Paused, "fine_tuning.job.paused", "paused")]
    [InlineData(JobOutcome.Stopped, "fine_tuning.job.cancelled", "cancelled")]
    public async Task Each_way_to_end_has_its_event_with_the_reason(JobOutcome outcome, string type, string status)
    {
        _engine.EndsAs = () => new(outcome, "The judge does not answer.", 6, null, null, null, null);
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));

        JsonElement told = (await _receiver.NextAsync()).Event;

        Assert.Equal(type, told.GetProperty("type").GetString());
        Assert.Equal((status, "The judge does not answer."), (told.GetProperty("data").GetProperty("status").GetString(), told.GetProperty("data").GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_job_that_is_stopped_while_it_waits_has_ended_too()
    {
        TaskCompletionSource hold = new();
        _engine.BeforeStep = (_, _) => hold.Task;
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        await _console.WaitForAsync(await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first")), JobStatus.InProgress);
        string waiting = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second") with { CustomModelName = "second" });

        await _console.Jobs.StopAsync(waiting);

        Assert.Equal(waiting, (await _receiver.NextAsync()).Event.GetProperty("data").GetProperty("id").GetString());
        hold.SetResult();
    }

    [Fact]
    public async Task A_test_says_what_the_receiver_answered_and_the_view_keeps_it()
    {
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");
        _receiver.Answers.Enqueue(Microsoft.AspNetCore.Http.Results.StatusCode(503));

        WebhookResult refused = await Webhook.TestAsync();
        WebhookResult taken = await Webhook.TestAsync();

        Assert.Equal((false, "it answered 503 Service Unavailable", 1), (refused.Works, refused.Message, refused.Tries));
        Assert.Equal((true, "it answered 204 No Content"), (taken.Works, taken.Message));
        Assert.Equal(taken, (await Webhook.ViewAsync()).Last);
        Assert.Equal("webhook.test", (await _receiver.NextAsync()).Event.GetProperty("type").GetString());
        Assert.False((await _receiver.NextAsync()).Headers.ContainsKey("webhook-signature"));
    }

    [Theory]
    [InlineData("ftp://hooks.example/rft")]
    [InlineData("file:///etc/passwd")]
    [InlineData("hooks.example/rft")]
    [InlineData("https://user:password@hooks.example/rft")]
    [InlineData("javascript:alert(1)")]
    public async Task What_is_no_http_address_is_refused_and_the_old_one_stays(string address)
    {
        await Webhook.SetAddressAsync(_receiver.Address.ToString(), "");

        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => Webhook.SetAddressAsync(address, ""));

        Assert.Contains(address, refused.Message, StringComparison.Ordinal);
        Assert.Equal(_receiver.Address.ToString(), (await Webhook.ViewAsync()).Address);
    }

    [Theory]
    [InlineData("too short", "this has 9")]
    [InlineData("whsec_this is not base64!", "no Base64")]
    public async Task A_secret_that_is_none_is_refused(string secret, string reason)
    {
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => Webhook.SetSecretAsync(secret));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, refused.Message, StringComparison.Ordinal);
        Assert.False((await Webhook.ViewAsync()).HasSecret);
    }
}
