using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Inference;

public sealed class DeploymentTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeChatEngine _chat = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_deployment_is_creating_until_its_model_has_answered_and_active_after()
    {
        TaskCompletionSource gate = new();
        _chat.BeforeAnswer = _ => gate.Task;
        await using ConsoleHarness console = await StartAsync();
        string modelId = await TrainAsync(console);

        string id = await console.Deployments.DeployAsync(Request(modelId, "live"));
        Assert.Equal(DeploymentStatus.Creating, (await console.Deployments.FindAsync(id))!.Status);
        gate.SetResult();
        Deployment deployment = await console.WaitForDeploymentAsync(id, DeploymentStatus.Active);

        Assert.Equal((6, "arith-tuned", ConsoleHarness.BaseModelFolder), (deployment.Step, deployment.ModelName, deployment.BaseModel));
        Assert.EndsWith("step-6", Assert.Single(_chat.Requests).AdapterFolder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_of_a_deployment_that_is_still_creating_waits_for_its_model_and_is_answered()
    {
        TaskCompletionSource gate = new();
        _chat.BeforeAnswer = _ => gate.Task;
        await using ConsoleHarness console = await StartAsync();
        await console.Deployments.DeployAsync(Request(await TrainAsync(console), "live"));
        ServedModel model = (await console.Services.GetRequiredService<ServedModels>().FindAsync("live", TestContext.Current.CancellationToken))!;

        Task<ChatPiece> answer = console.Services.GetRequiredService<InferenceHost>()
            .StreamAsync(model, new([new("user", "Hello")], 8, 0, 1, 1), "someone", TestContext.Current.CancellationToken)
            .FirstAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(answer.IsCompleted);
        gate.SetResult();

        Assert.Equal("step-6", (await answer).Text);
    }

    [Fact]
    public async Task A_deployment_whose_model_cannot_be_loaded_fails_with_the_reason()
    {
        _chat.BeforeAnswer = _ => throw new UserInputException("The adapter's rank does not fit.");
        await using ConsoleHarness console = await StartAsync();
        string modelId = await TrainAsync(console);

        string id = await console.Deployments.DeployAsync(Request(modelId, "live"));

        Assert.Equal("The adapter's rank does not fit.", (await console.WaitForDeploymentAsync(id, DeploymentStatus.Failed)).Message);
        Assert.DoesNotContain(await console.Playground.TargetsAsync(), target => target.Kind == "Deployment");
    }

    [Fact]
    public async Task Any_checkpoint_can_be_deployed_and_a_missing_one_is_refused()
    {
        await using ConsoleHarness console = await StartAsync();
        string modelId = await TrainAsync(console);

        string id = await console.Deployments.DeployAsync(Request(modelId, "early") with { Step = 2 });
        await console.WaitForDeploymentAsync(id, DeploymentStatus.Active);
        UserInputException problem = await Assert.ThrowsAsync<UserInputException>(() => console.Deployments.DeployAsync(Request(modelId, "late") with { Step = 3 }));

        Assert.EndsWith("step-2", Assert.Single(_chat.Requests).AdapterFolder, StringComparison.Ordinal);
        Assert.Contains("it has 2, 4, 6", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_names_are_unique_and_follow_the_rules_of_names()
    {
        await using ConsoleHarness console = await StartAsync();
        string modelId = await TrainAsync(console);
        await console.Deployments.DeployAsync(Request(modelId, "live"));

        UserInputException taken = await Assert.ThrowsAsync<UserInputException>(() => console.Deployments.DeployAsync(Request(modelId, "LIVE")));
        UserInputException bad = await Assert.ThrowsAnyAsync<UserInputException>(() => console.Deployments.DeployAsync(Request(modelId, "my model")));

        Assert.StartsWith("Deployment name: there is a deployment", taken.Message, StringComparison.Ordinal);
        Assert.StartsWith("Deployment name: \" \" is not allowed", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_in_use_stays_and_a_free_one_goes_with_its_files()
    {
        await using ConsoleHarness console = await StartAsync();
        string modelId = await TrainAsync(console);
        string folder = (await console.Models.FindAsync(modelId))!.AdapterFolder;
        string id = await console.Deployments.DeployAsync(Request(modelId, "live"));
        UserInputException used = await Assert.ThrowsAsync<UserInputException>(() => console.Models.DeleteAsync(modelId));
        Assert.Contains("\"live\"", used.Message, StringComparison.Ordinal);

        await console.Deployments.DeleteAsync(id);
        await console.Models.DeleteAsync(modelId);

        Assert.Empty(await console.Models.ListAsync());
        Assert.False(Directory.Exists(folder));
        Assert.All(await console.Jobs.ListAsync(), job => Assert.Null(job.ModelId));
    }

    [Fact]
    public async Task A_restart_finds_active_deployments_active_and_finishes_those_that_were_being_created()
    {
        string active;
        string creating;
        await using (ConsoleHarness console = await StartAsync())
        {
            string modelId = await TrainAsync(console);
            active = await console.Deployments.DeployAsync(Request(modelId, "active"));
            await console.WaitForDeploymentAsync(active, DeploymentStatus.Active);
            _chat.BeforeAnswer = _ => new TaskCompletionSource().Task;
            creating = await console.Deployments.DeployAsync(Request(modelId, "creating"));
        }

        _chat.BeforeAnswer = _ => Task.CompletedTask;
        await using ConsoleHarness next = await StartAsync();

        Assert.Equal(DeploymentStatus.Active, (await next.Deployments.FindAsync(active))!.Status);
        await next.WaitForDeploymentAsync(creating, DeploymentStatus.Active);
    }

    [Fact]
    public async Task The_playground_reaches_base_and_tuned_model_and_refuses_what_is_gone()
    {
        await using ConsoleHarness console = await StartAsync();
        string id = await console.Deployments.DeployAsync(Request(await TrainAsync(console), "live"));
        await console.WaitForDeploymentAsync(id, DeploymentStatus.Active);

        IReadOnlyList<PlaygroundTarget> targets = await console.Playground.TargetsAsync();
        Assert.Equal(("base:starter", "Base model"), (targets[0].Id, targets[0].Kind));
        Assert.Equal(($"deployment:{id}", "live", "Deployment", ConsoleHarness.BaseModelFolder), (targets[^1].Id, targets[^1].Title, targets[^1].Kind, targets[^1].BaseModel));
        Assert.Contains(targets, target => (target.Id, target.Title, target.Kind) == ("base:" + ConsoleHarness.BaseModelFolder, "tiny-llama-tied", "Base model"));
        Assert.Equal("base", await AskAsync(console, "base:" + targets[^1].BaseModel));
        Assert.Equal("step-6", await AskAsync(console, $"deployment:{id}"));
        await console.Deployments.DeleteAsync(id);

        await Assert.ThrowsAsync<UserInputException>(() => AskAsync(console, $"deployment:{id}"));
        await Assert.ThrowsAsync<UserInputException>(() => AskAsync(console, "base:/etc"));
        await Assert.ThrowsAsync<UserInputException>(() => AskAsync(console, "anything"));
    }

    [Theory]
    [InlineData(-0.1, 10, 1.0, "Temperature")]
    [InlineData(double.NaN, 10, 1.0, "Temperature")]
    [InlineData(1.0, 0, 1.0, "Maximum tokens")]
    [InlineData(1.0, 10, 0.0, "Top P")]
    public async Task Settings_out_of_range_are_named(double temperature, int maxTokens, double topP, string field)
    {
        await using ConsoleHarness console = await StartAsync();

        UserInputException problem = await Assert.ThrowsAsync<UserInputException>(() => AskAsync(console, "base:starter", new(temperature, maxTokens, topP, 1)));

        Assert.StartsWith(field, problem.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(ConsoleHarness console, string target, PlaygroundSettings? settings = null)
    {
        List<string> pieces = [];
        await foreach (ChatPiece piece in console.Playground.StreamAsync(target, [new ChatMessage("user", "2 + 2?")], settings ?? new(0, 16, 1, 1), TestContext.Current.CancellationToken))
        {
            pieces.Add(piece.Text);
        }

        return string.Concat(pieces);
    }

    private static DeploymentRequest Request(string modelId, string name) => new(modelId, name, "", null, new Dictionary<string, string>());

    private async Task<string> TrainAsync(ConsoleHarness console)
    {
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        return (await console.WaitForAsync(id, JobStatus.Completed)).Summary.ModelId!;
    }

    private Task<ConsoleHarness> StartAsync() => ConsoleHarness.StartAsync(_root, new(), _chat);
}
