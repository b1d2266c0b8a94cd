using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Api.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Jobs;

/// <summary>The rows of the jobs table, over the real database: summaries, tags, and the course of the reward.</summary>
public sealed class JobSummariesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_says_of_a_job_what_its_page_says()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), Cancellation);
        JobDetails job = await console.WaitForAsync(id, JobStatus.Completed);

        JobSummary listed = Assert.Single(await console.Jobs.ListAsync(Cancellation));

        Assert.Equivalent(job.Summary, listed, strict: true);
        Assert.Equal((JobPhase.Training, 0.3), (listed.Phase, listed.Gain));
    }

    [Fact]
    public async Task A_job_that_waits_is_in_no_phase()
    {
        TaskCompletionSource gate = new();
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new() { BeforeStep = (_, _) => gate.Task });
        string first = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "first"), Cancellation);
        await console.WaitForAsync(first, JobStatus.InProgress);
        string second = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "second"), Cancellation);

        JobSummary waits = (await console.Jobs.ListAsync(Cancellation)).Single(job => job.Id == second);

        Assert.Equal((null, 1, null), (waits.Phase, waits.QueuePosition, waits.Elapsed(DateTimeOffset.UtcNow)));
        gate.SetResult();
        await console.WaitForAsync(second, JobStatus.Completed);
    }

    [Fact]
    public async Task Only_a_job_that_changed_is_another_object_than_before()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "one", 2, 4, Cancellation);
        await LargeJob.AddAsync(Contexts(console), "two", 2, 4, Cancellation);
        Dictionary<string, JobSummary> before = (await console.Jobs.ListAsync(Cancellation)).ToDictionary(job => job.Id);

        await console.Jobs.ChangeTagsAsync("two", new(new Dictionary<string, string> { ["team"] = "a" }, []), Cancellation);
        Dictionary<string, JobSummary> after = (await console.Jobs.ListAsync(Cancellation)).ToDictionary(job => job.Id);

        Assert.Same(before["one"], after["one"]);
        Assert.NotSame(before["two"], after["two"]);
    }

    [Fact]
    public async Task Tags_are_set_and_removed_and_the_job_keeps_what_it_was_created_with()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), Cancellation);
        await console.WaitForAsync(id, JobStatus.Completed);

        await console.Jobs.ChangeTagsAsync(id, new(new Dictionary<string, string> { ["stage"] = "live", ["urgent"] = "" }, ["team", "never"]), Cancellation);

        JobDetails job = await console.JobAsync(id);
        Assert.Equal(new Dictionary<string, string> { ["stage"] = "live", ["urgent"] = "" }, job.Summary.Tags);
        Assert.Equal(new Dictionary<string, string> { ["team"] = "demo" }, job.Specification.Tags);
    }

    [Fact]
    public async Task The_api_s_metadata_stays_what_the_job_was_created_with()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), Cancellation);
        await console.WaitForAsync(id, JobStatus.Completed);
        JobReader api = console.Services.GetRequiredService<JobReader>();

        await console.Jobs.ChangeTagsAsync(id, new(new Dictionary<string, string> { ["stage"] = "live" }, ["team"]), Cancellation);

        Assert.Equal(new Dictionary<string, string> { ["team"] = "demo" }, (await api.GetAsync(id, Cancellation)).Metadata);
        Assert.Single((await api.ListAsync(new Dictionary<string, string> { ["team"] = "demo" }, new(10, null), Cancellation)).Data);
        Assert.Empty((await api.ListAsync(new Dictionary<string, string> { ["stage"] = "live" }, new(10, null), Cancellation)).Data);
    }

    [Fact]
    public async Task Changes_of_tags_that_meet_are_all_kept()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "one", 2, 4, Cancellation);

        await Parallel.ForEachAsync(Enumerable.Range(0, 20), Cancellation, async (index, cancellation) =>
            await console.Jobs.ChangeTagsAsync("one", new(new Dictionary<string, string> { [$"tag-{index}"] = "" }, []), cancellation));

        Assert.Equal(20, (await console.JobAsync("one")).Summary.Tags.Count);
    }

    [Fact]
    public async Task Tags_that_cannot_be_used_change_nothing()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "one", 2, 4, Cancellation);

        await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.ChangeTagsAsync("one", new(new Dictionary<string, string> { ["good"] = "", [new string('k', 129)] = "" }, []), Cancellation));
        await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.ChangeTagsAsync("one", new(Enumerable.Range(0, 51).ToDictionary(index => $"k{index}", _ => ""), []), Cancellation));
        await Assert.ThrowsAsync<UserInputException>(() => console.Jobs.ChangeTagsAsync("gone", new(new Dictionary<string, string>(), ["x"]), Cancellation));

        Assert.Empty((await console.JobAsync("one")).Summary.Tags);
    }

    [Fact]
    public async Task A_short_job_s_curve_has_all_its_steps_and_grows_with_them()
    {
        TaskCompletionSource gate = new();
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new() { BeforeStep = (step, _) => step == 5 ? gate.Task : Task.CompletedTask });
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), Cancellation);
        await console.WaitForAsync(id, job => job.Summary.StepsDone == 4);

        // Rewards of the fake trainer are a tenth of the step.
        Assert.Equal([new(1, 0.1), new(2, 0.2), new(3, 0.3), new(4, 0.4)], await CurveAsync(console, id));
        gate.SetResult();
        await console.WaitForAsync(id, JobStatus.Completed);

        Assert.Equal([1, 2, 3, 4, 5, 6], (await CurveAsync(console, id)).Select(point => point.Step));
    }

    [Fact]
    public async Task A_long_job_s_curve_has_its_first_its_last_and_evenly_thinned_steps()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "large", 1000, 0, Cancellation);
        Dictionary<int, double> all = (await console.Jobs.MetricsAsync("large", 0, Cancellation)).ToDictionary(step => step.Step, step => step.Values[MetricNames.Reward]);

        IReadOnlyList<RewardPoint> curve = await CurveAsync(console, "large");

        Assert.Equal([1, .. Enumerable.Range(1, 31).Select(index => index * 32), 1000], curve.Select(point => point.Step));
        Assert.All(curve, point => Assert.Equal(all[point.Step], point.Reward));
    }

    [Fact]
    public async Task A_job_without_steps_has_no_curve_and_one_that_is_deleted_is_forgotten()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "one", 3, 0, Cancellation);
        JobSummary job = Assert.Single(await console.Jobs.ListAsync(Cancellation));
        Assert.Equal(3, (await CurveAsync(console, "one")).Count);

        await console.Jobs.DeleteAsync("one", Cancellation);

        Assert.Empty((await console.Jobs.RewardCurvesAsync([job], Cancellation))["one"]);
        Assert.Empty((await console.Jobs.RewardCurvesAsync([job with { Id = "other", StepsDone = 0 }], Cancellation))["other"]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(48, 48)]
    [InlineData(49, 26)]
    [InlineData(10_000, 41)]
    [InlineData(1_000_000, 32)]
    public void A_curve_never_has_more_points_than_a_line_of_a_table_can_show(int stepsDone, int points)
    {
        int[] steps = [.. RewardCurves.StepsOf(stepsDone)];

        Assert.Equal((1, stepsDone, points), (steps[0], steps[^1], steps.Length));
        Assert.Equal(steps.Order(), steps);
    }

    private static async Task<IReadOnlyList<RewardPoint>> CurveAsync(ConsoleHarness console, string id) =>
        (await console.Jobs.RewardCurvesAsync([(await console.JobAsync(id)).Summary], Cancellation))[id];

    private static IDbContextFactory<ConsoleDbContext> Contexts(ConsoleHarness console) => console.Services.GetRequiredService<IDbContextFactory<ConsoleDbContext>>();
}
