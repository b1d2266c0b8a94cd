using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Datasets.InvocationLogs;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Web.DataSets;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>The calls that the console's own deployments have logged, as training data.</summary>
public sealed class OwnLogsTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Deployments_with_a_log_or_with_logging_on_can_be_chosen_from()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string model = await ModelAsync(console);
        string used = await DeployAsync(console, model, "used", logging: true);
        string off = await DeployAsync(console, model, "was-on", logging: false);
        await DeployAsync(console, model, "never", logging: false);
        await DeployAsync(console, model, "new", logging: true);
        await LogAsync(console, used, "2026-03-01", InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1"));
        await LogAsync(console, used, "2026-03-09", InvocationLogConverterTests.Log("What is 2 + 2?", "4", "r2"));
        await LogAsync(console, off, "2026-03-02", InvocationLogConverterTests.Log("What is 3 + 3?", "6", "r3"));

        IReadOnlyList<DeploymentLog> logs = await Logs(console).ListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([("new", true, 0), ("used", true, 2), ("was-on", false, 1)], logs.OrderBy(log => log.DeploymentName, StringComparer.Ordinal).Select(log => (log.DeploymentName, log.IsOn, log.Days.Count)));
        DeploymentLog found = logs.Single(log => log.DeploymentId == used);
        Assert.Equal([new(2026, 3, 1), new(2026, 3, 9)], found.Days);
        Assert.True(found.Bytes > 0);
    }

    [Fact]
    public async Task Calls_of_several_deployments_become_one_data_set_and_those_of_one_are_called_after_it()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string model = await ModelAsync(console);
        string shop = await DeployAsync(console, model, "shop", logging: true);
        string desk = await DeployAsync(console, model, "desk", logging: true);
        await LogAsync(console, shop, "2026-03-01", InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1"));
        await LogAsync(console, desk, "2026-03-01", InvocationLogConverterTests.Log("What is 2 + 2?", "4", "r2"), "{}");

        InvocationLogReport report = await Logs(console).PreviewAsync(LogSource.Of([shop, desk]), new(true), TestContext.Current.CancellationToken);
        UploadedDataSet both = await Logs(console).ImportAsync(LogSource.Of([shop, desk]), null, new(true), TestContext.Current.CancellationToken);
        UploadedDataSet one = await Logs(console).ImportAsync(LogSource.Of([desk]), null, new(true), TestContext.Current.CancellationToken);

        Assert.Equal((2, "desk/2026-03-01.jsonl"), (report.Converted, Assert.Single(report.Skipped).File));
        Assert.Equal([("invocation-logs.jsonl", 2), ("desk.jsonl", 1)], [(both.Name, both.Rows), (one.Name, one.Rows)]);
    }

    [Fact]
    public async Task A_deployment_without_calls_or_gone_is_named()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new FakeJobEngine());
        string idle = await DeployAsync(console, await ModelAsync(console), "idle", logging: true);

        Assert.Equal("Logs: idle has logged no call yet.", await RefusalAsync(console, [idle]));
        Assert.Contains("there is no deployment with the id gone", await RefusalAsync(console, ["gone"]), StringComparison.Ordinal);
        Assert.Equal("Logs: choose at least one deployment.", await RefusalAsync(console, []));
    }

    private static async Task<string> RefusalAsync(ConsoleHarness console, IReadOnlyList<string> deployments) =>
        (await Assert.ThrowsAsync<UserInputException>(() => Logs(console).PreviewAsync(LogSource.Of(deployments), new(), TestContext.Current.CancellationToken))).Message;

    private static IInvocationLogs Logs(ConsoleHarness console) => console.Services.GetRequiredService<IInvocationLogs>();

    private async Task<string> ModelAsync(ConsoleHarness console)
    {
        string job = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "arith"), TestContext.Current.CancellationToken);
        return (await console.WaitForAsync(job, JobStatus.Completed)).Summary.ModelId!;
    }

    private static async Task<string> DeployAsync(ConsoleHarness console, string model, string name, bool logging) =>
        await console.Deployments.DeployAsync(new(model, name, "", null, new Dictionary<string, string>()) { InvocationLogging = logging }, TestContext.Current.CancellationToken);

    private static async Task LogAsync(ConsoleHarness console, string deployment, string day, params string[] lines)
    {
        string folder = (await console.Deployments.FindAsync(deployment, TestContext.Current.CancellationToken))!.LogFolder;
        Directory.CreateDirectory(folder);
        await File.WriteAllLinesAsync(Path.Combine(folder, $"{day}.jsonl"), lines, TestContext.Current.CancellationToken);
    }
}
