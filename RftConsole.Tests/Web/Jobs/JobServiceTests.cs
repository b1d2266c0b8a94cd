using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.Jobs;

public sealed class JobServiceTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_deleted_job_takes_its_rows_and_files_along_and_leaves_its_model()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);

        await console.Jobs.DeleteAsync(id);

        Assert.Null(await console.Jobs.FindAsync(id));
        Assert.Empty(await console.Jobs.MetricsAsync(id));
        Assert.Equal(0, (await console.Jobs.RolloutsAsync(new(id))).Total);
        Assert.False(Directory.Exists(job.Folder));
        CustomModel model = Assert.Single(await console.Models.ListAsync());
        Assert.Equal((null, "arith"), (model.JobId, model.JobName));
        Assert.All(model.Checkpoints, checkpoint => Assert.True(File.Exists(Path.Combine(checkpoint.AdapterFolder, "adapter_model.safetensors"))));
    }

    [Fact]
    public async Task A_running_job_cannot_be_deleted_or_resumed()
    {
        TaskCompletionSource gate = new();
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new() { BeforeStep = (_, _) => gate.Task });
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.InProgress);

        UserInputException delete = await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.DeleteAsync(id));
        UserInputException resume = await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.ResumeAsync(id));

        Assert.Contains("stop it before", delete.Message, StringComparison.Ordinal);
        Assert.Contains("in progress", resume.Message, StringComparison.Ordinal);
        gate.SetResult();
        await console.WaitForAsync(id, JobStatus.Completed);
    }

    [Fact]
    public async Task A_completed_job_cannot_be_stopped()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.Completed);

        UserInputException problem = await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.StopAsync(id));

        Assert.Contains("completed", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_jobs_and_of_their_models_are_unique_whatever_their_case()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));

        FieldInputException job = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "Arith")));
        FieldInputException model = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "other") with { CustomModelName = "ARITH-tuned" }));

        Assert.Equal(("name", "customModelName"), (job.Field, model.Field));
        Assert.StartsWith("Job name:", job.Message, StringComparison.Ordinal);
        Assert.StartsWith("Custom model name:", model.Message, StringComparison.Ordinal);
        Assert.Single(await console.Jobs.ListAsync());
    }

    [Fact]
    public async Task A_job_reads_its_own_copies_of_the_files_it_was_given()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        JobSpecification specification = ConsoleHarness.Specification(_root, "arith");

        string id = await console.Jobs.CreateAsync(specification);
        File.Delete(specification.TrainingData.File!);
        File.Delete(specification.RewardFunction.File!);

        JobSpecification kept = (await console.JobAsync(id)).Specification;
        Assert.Equal("{}", File.ReadAllText(kept.TrainingData.File!));
        Assert.StartsWith("def lambda_handler", File.ReadAllText(kept.RewardFunction.File!), StringComparison.Ordinal);
        Assert.Equal("demo", kept.Tags["team"]);
    }

    [Fact]
    public async Task Rollouts_come_newest_step_first_page_by_page()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.Completed);

        RolloutPage page = await console.Jobs.RolloutsAsync(new(id, Skip: 3, Take: 3));

        Assert.Equal(24, page.Total);
        Assert.Equal([(6, 1, 1), (5, 0, 0), (5, 0, 1)], page.Rows.Select(row => (row.Step, row.PromptIndex, row.SampleIndex)));
        Assert.Equivalent(FakeJobEngine.RolloutOf(6, 1, 1), page.Rows[0], strict: true);
    }

    [Theory]
    [InlineData("ANSWER: 7", 2)]
    [InlineData("answer: 7", 2)]
    [InlineData("record-1", 12)]
    [InlineData("100%", 24)]
    [InlineData("%5%", 0)]
    [InlineData("record_1", 0)]
    public async Task A_search_takes_its_text_literally_and_ignores_case(string text, int expected)
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await console.WaitForAsync(id, JobStatus.Completed);

        // Completions say step + prompt for steps 1 to 6 and prompts 0 and 1: 7 once, with two samples.
        Assert.Equal(expected, (await console.Jobs.RolloutsAsync(new(id, Search: text))).Total);
    }

    [Fact]
    public async Task A_subscriber_hears_of_its_job_and_not_after_it_left()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        TaskCompletionSource heard = new();
        IDisposable subscription = console.Jobs.Subscribe(null, () =>
        {
            heard.TrySetResult();
            return Task.CompletedTask;
        });
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"));
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await console.WaitForAsync(id, JobStatus.Completed);

        // Services of the console listen as well, since some time after its start.
        int listening = console.Feed.SubscriptionCount;
        subscription.Dispose();

        Assert.Equal(listening - 1, console.Feed.SubscriptionCount);
    }
}
