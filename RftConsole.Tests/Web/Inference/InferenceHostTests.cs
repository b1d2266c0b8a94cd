using System.Text.Json;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Api;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Operations;

namespace RftConsole.Tests.Web.Inference;

/// <summary>Limits, counts and logs of the one place where models answer.</summary>
public sealed class InferenceHostTests : IDisposable
{
    private static readonly InferenceCall s_call = new([new ChatMessage("user", "What is 1 + 1?")], 8, 0, 1, 1) { Metadata = new Dictionary<string, string> { ["app"] = "shop" } };

    private readonly TemporaryFolder _root = new();
    private readonly FakeChatEngine _chat = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Beyond_the_limit_callers_are_turned_away_and_a_caller_that_ends_makes_room()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        InferenceHost host = console.Create<InferenceHost>(new InferenceLimits(2, TimeSpan.FromMinutes(1)));
        TaskCompletionSource gate = new();
        _chat.BeforeAnswer = _ => gate.Task;
        Task<List<ChatPiece>>[] waiting = [AskAsync(host), AskAsync(host)];

        InferenceBusyException busy = await Assert.ThrowsAsync<InferenceBusyException>(() => AskAsync(host));
        Assert.True(busy.RetryAfter > TimeSpan.Zero);
        gate.SetResult();
        await Task.WhenAll(waiting);

        Assert.Equal("stop", (await AskAsync(host))[^1].FinishReason);
        Assert.Equal(0, host.Requests);
    }

    [Fact]
    public async Task The_meter_of_a_host_that_is_stopped_from_two_sides_stops_after_it_was_disposed_of()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        UsageMeter meter = console.Create<UsageMeter>();
        meter.Dispose();

        await meter.StopAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await meter.SinceAsync(DateTimeOffset.MinValue, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_ended_and_counted_as_a_failure()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        InferenceHost host = console.Create<InferenceHost>(new InferenceLimits(2, TimeSpan.FromMinutes(1)), time);
        TaskCompletionSource asked = new();
        _chat.BeforeAnswer = _ =>
        {
            asked.SetResult();
            return new TaskCompletionSource().Task;
        };
        Task<List<ChatPiece>> answer = AskAsync(host);
        await asked.Task;

        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<InferenceTimeoutException>(() => answer);
        UsageHour usage = Assert.Single(await console.Services.GetRequiredService<IUsage>().SinceAsync(DateTimeOffset.UtcNow.AddDays(-1), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("someone", "base:starter", 1, 1), (usage.Caller, usage.Target, usage.Requests, usage.Failures));
    }

    [Fact]
    public async Task When_the_console_stops_answers_have_a_moment_to_end_and_new_ones_are_turned_away()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        using GracefulStop stop = console.Create<GracefulStop>(time);
        InferenceHost host = console.Create<InferenceHost>(stop, time);
        TaskCompletionSource soon = new();
        Queue<Task> gates = new([soon.Task, new TaskCompletionSource().Task]);
        _chat.BeforeAnswer = _ => gates.Dequeue();
        Task<List<ChatPiece>> inTime = AskAsync(host);
        Task<List<ChatPiece>> late = AskAsync(host);

        console.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        ApiException refused = ApiErrors.Explain(await Assert.ThrowsAsync<InferenceStoppedException>(() => AskAsync(host)));
        time.Advance(GracefulStop.AnswersTime - TimeSpan.FromMilliseconds(1));
        soon.SetResult();
        Assert.Equal("stop", (await inTime)[^1].FinishReason);
        Assert.False(late.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await Assert.ThrowsAsync<InferenceStoppedException>(() => late);
        Assert.Equal((503, "server_stopping"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Calls_of_a_deployment_are_logged_while_its_switch_is_on_and_become_training_records()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        string id = await DeployAsync(console, logging: true);
        ServedModels served = console.Services.GetRequiredService<ServedModels>();
        InferenceHost host = console.Services.GetRequiredService<InferenceHost>();
        await AskAsync(host, (await served.FindAsync("arith", TestContext.Current.CancellationToken))!);
        await console.Deployments.UpdateAsync(id, new() { InvocationLogging = false }, TestContext.Current.CancellationToken);
        await AskAsync(host, (await served.FindAsync("arith", TestContext.Current.CancellationToken))!);

        string folder = (await console.Deployments.FindAsync(id, TestContext.Current.CancellationToken))!.LogFolder;
        string line = Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(folder))));
        JsonElement record = JsonSerializer.SerializeToElement(InvocationLogRecord.Convert(JsonElement.Parse(line), new() { UsePromptResponse = true }));

        Assert.Equal("What is 1 + 1?", record.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal("step-6", record.GetProperty("reference_answer").GetString());
        Assert.Equal("shop", record.GetProperty("requestMetadata").GetProperty("app").GetString());
        Assert.Equal(2, (await console.Services.GetRequiredService<IUsage>().SinceAsync(DateTimeOffset.UtcNow.AddDays(-1), id, TestContext.Current.CancellationToken)).Sum(hour => hour.Requests));
    }

    [Fact]
    public async Task A_deployment_points_at_another_checkpoint_without_a_break_and_stays_where_that_does_not_answer()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        string id = await DeployAsync(console, logging: false);

        await console.Deployments.UpdateAsync(id, new() { Step = 2, Description = "second", Tags = new Dictionary<string, string> { ["a"] = "b" } }, TestContext.Current.CancellationToken);

        Deployment deployment = (await console.Deployments.FindAsync(id, TestContext.Current.CancellationToken))!;
        Assert.Equal((DeploymentStatus.Active, 2, "second", "b"), (deployment.Status, deployment.Step, deployment.Description, deployment.Tags["a"]));
        _chat.BeforeAnswer = _ => throw new Training.UserInputException("broken");
        await Assert.ThrowsAsync<Training.UserInputException>(() => console.Deployments.UpdateAsync(id, new() { Step = 4 }, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<Training.UserInputException>(() => console.Deployments.UpdateAsync(id, new() { Step = 5 }, TestContext.Current.CancellationToken));
        Assert.Equal(2, (await console.Deployments.FindAsync(id, TestContext.Current.CancellationToken))!.Step);
    }

    [Fact]
    public async Task A_name_is_a_deployment_first_then_a_tuned_model_then_a_checkpoint_of_one()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine(), _chat);
        string id = await DeployAsync(console, logging: false);
        ServedModels served = console.Services.GetRequiredService<ServedModels>();

        Assert.Equal(id, (await served.FindAsync("ARITH", TestContext.Current.CancellationToken))?.UsageKey);
        Assert.EndsWith("step-6", (await served.FindAsync("arith-tuned", TestContext.Current.CancellationToken))?.AdapterFolder, StringComparison.Ordinal);
        Assert.EndsWith("step-2", (await served.FindAsync(ServedModels.CheckpointName("arith-tuned", 2), TestContext.Current.CancellationToken))?.AdapterFolder, StringComparison.Ordinal);
        Assert.Null(await served.FindAsync(ServedModels.CheckpointName("arith-tuned", 3), TestContext.Current.CancellationToken));
        Assert.Null(await served.FindAsync("arith-tuned:ckpt-step-../../x", TestContext.Current.CancellationToken));
        Assert.Null((await served.FindAsync("starter", TestContext.Current.CancellationToken))?.AdapterFolder);
        Assert.Equal(["arith", "arith-tuned", "starter"], (await served.ListAsync(TestContext.Current.CancellationToken)).Select(model => model.Name));
    }

    private static Task<List<ChatPiece>> AskAsync(InferenceHost host) => AskAsync(host, ServedModels.Base("starter"));

    private static async Task<List<ChatPiece>> AskAsync(InferenceHost host, ServedModel model)
    {
        List<ChatPiece> pieces = [];
        await foreach (ChatPiece piece in host.StreamAsync(model, s_call, "someone", TestContext.Current.CancellationToken))
        {
            pieces.Add(piece);
        }

        return pieces;
    }

    private async Task<string> DeployAsync(ConsoleHarness console, bool logging)
    {
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), TestContext.Current.CancellationToken);
        string model = (await console.WaitForAsync(job, JobStatus.Completed)).Summary.ModelId!;
        string id = await console.Deployments.DeployAsync(new(model, "arith", "", null, new Dictionary<string, string>()) { InvocationLogging = logging }, TestContext.Current.CancellationToken);
        await console.WaitForDeploymentAsync(id, DeploymentStatus.Active);
        return id;
    }
}
