using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Notifications;

namespace RftConsole.Tests.Web.Notifications;

/// <summary>What a console tells its users of its jobs.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeJobEngine _engine = new();
    private ConsoleHarness _console = null!;

    private INotifications Notifications => _console.Services.GetRequiredService<INotifications>();

    public async ValueTask InitializeAsync() => _console = await ConsoleHarness.StartAsync(_root, _engine);

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task A_completed_job_is_told_with_what_it_gained_and_outlives_a_restart()
    {
        string id = await RunAsync("arith", JobStatus.Completed);
        await _console.DisposeAsync();
        _console = await ConsoleHarness.StartAsync(_root, _engine);

        Notification told = Assert.Single(await Notifications.ListAsync());
        Assert.Equal((NotificationKind.JobCompleted, id, "arith", 0.0, 0.3), (told.Kind, told.JobId, told.JobName, told.BaselineAccuracy, told.Accuracy));
    }

    [Fact]
    public async Task A_failed_job_says_why()
    {
        _engine.EndsAs = () => new(JobOutcome.Failed, "The reward function failed.", 6, null, null, null, null);
        await RunAsync("arith", JobStatus.Failed);

        Notification told = Assert.Single(await Notifications.ListAsync());
        Assert.Equal((NotificationKind.JobFailed, "The reward function failed."), (told.Kind, told.Text));
    }

    [Fact]
    public async Task A_health_warning_is_told_once_a_job_and_lines_of_the_data_not_at_all()
    {
        _engine.Says = step => step <= 3 ? [new JobWarning("entropy-collapse", $"Entropy fell at step {step}."), new JobWarning("data-rejected", "Line 7: no JSON.")] : [];
        await RunAsync("arith", JobStatus.Completed);

        Notification warning = Assert.Single(await Notifications.ListAsync(), told => told.Kind == NotificationKind.Warning);
        Assert.Equal("Entropy fell at step 1.", warning.Text);
    }

    [Fact]
    public async Task Notifications_go_with_their_job()
    {
        string id = await RunAsync("arith", JobStatus.Completed);

        await _console.Jobs.DeleteAsync(id);

        Assert.Empty(await Notifications.ListAsync());
    }

    private async Task<string> RunAsync(string name, JobStatus end)
    {
        string id = await _console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, name));
        await _console.WaitForAsync(id, end);
        return id;
    }
}
