using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>
/// People at a console that trains. <c>RFTCONSOLE_WATCHERS=20</c> and <c>RFTCONSOLE_INTERACTIONS=200</c> make them as many as is asked for; the output says what
/// they cost and how long they waited, and no time is asserted.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed partial class LiveJobTests(ChromiumFixture chromium) : IDisposable
{
    private const string JobName = "live-job";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everybody_who_watches_a_live_job_sees_all_of_its_steps()
    {
        int watchers = Count("RFTCONSOLE_WATCHERS", 3);
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(_folder.Path);
        await using ObservedPage first = await chromium.OpenAsync(console.Address);
        string job = await StartJobAsync(first, steps: 8 * watchers);
        List<ObservedPage> pages = [first];
        while (pages.Count < watchers)
        {
            pages.Add(await chromium.OpenAsync(console.Address));
            await pages[^1].GoAsync(job);
        }

        (long start, TimeSpan served, int seen) = (Stopwatch.GetTimestamp(), console.ServingTime, await StepsAsync(first.Page));
        await Expect(Status(first.Page)).ToHaveTextAsync("Completed", new() { Timeout = 10 * 60_000 });
        (double seconds, double busy) = (Stopwatch.GetElapsedTime(start).TotalSeconds, (console.ServingTime - served).TotalSeconds);
        // The job itself says how many there were: it ends early where there is nothing left to gain.
        int made = File.ReadLines(Assert.Single(Directory.GetFiles(_folder.Path, "metrics.jsonl", SearchOption.AllDirectories))).Count(line => line.Contains("\"reward\":", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watchers} pages: {made - seen} steps in {seconds:0.0} s, serving took {busy / seconds:0.00} of a core"));

        foreach (ObservedPage page in pages)
        {
            await page.DoAsync(watched => Expect(Rewards(watched.Page)).ToContainTextAsync($"Training: {made} values"));
            page.ExpectNoErrors();
        }

        await Task.WhenAll(pages.Skip(1).Select(page => page.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_console_that_trains_answers_clicks()
    {
        int interactions = Count("RFTCONSOLE_INTERACTIONS", 14);
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(_folder.Path);
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        IPage page = observed.Page;
        string job = await StartJobAsync(observed, steps: 5_000);
        (string Name, ILocator Click, ILocator Shown)[] round =
        [
            ("Rollouts", Tab(page, "Rollouts"), page.GetByLabel("Search prompts and responses")),
            ("Configuration", Tab(page, "Configuration"), page.GetByText("Learning rate").First),
            ("Overview", Tab(page, "Overview"), Heading(page, "Training metrics")),
            ("Models", MenuLink(page, "Models"), Title(page, "Models")),
            ("Data sets", MenuLink(page, "Data sets"), Title(page, "Data sets")),
            ("Jobs", MenuLink(page, "Jobs"), Title(page, "Jobs")),
            ("the job", Link(page, JobName), Heading(page, "Training metrics")),
        ];

        List<double> milliseconds = [];
        for (int i = 0; i < interactions; i++)
        {
            (_, ILocator click, ILocator shown) = round[i % round.Length];
            await Expect(click).ToBeVisibleAsync();
            long start = Stopwatch.GetTimestamp();
            await click.ClickAsync();
            await shown.WaitForAsync();
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await observed.GoAsync(job);
        await Expect(Status(page)).ToHaveTextAsync("In progress");
        foreach ((int index, (string name, _, _)) in round.Index())
        {
            double[] these = [.. milliseconds.Where((_, i) => i % round.Length == index).Order()];
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: median {these[these.Length / 2]:0} ms, longest {these[^1]:0} ms"));
        }

        milliseconds.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{interactions} clicks: median {milliseconds[interactions / 2]:0} ms, 95th percentile {milliseconds[interactions * 95 / 100]:0} ms, longest {milliseconds[^1]:0} ms"));
        observed.ExpectNoErrors();
    }

    private static int Count(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Starts a job by the wizard; returns its address once its first step is drawn.</summary>
    private static async Task<string> StartJobAsync(ObservedPage observed, int steps)
    {
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create");
        await Textbox(page, "Job name").FillAsync(JobName);
        await Textbox(page, "Custom model name").FillAsync("live-model");
        foreach (string section in (string[])["data", "reward", "hyperparameters"])
        {
            await Button(page, "Next").ClickAsync();
            await Expect(page).ToHaveURLAsync(new Regex($"section={section}"));
        }

        await NumberAsync(page, "Epochs", "50");
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await NumberAsync(page, "Maximum steps", steps.ToString(CultureInfo.InvariantCulture));
        await Button(page, "Review and create").ClickAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();
        await Expect(Heading(page, "Training metrics")).ToBeVisibleAsync();
        await Expect(Rewards(page)).ToContainTextAsync("at step", new() { Timeout = 2 * 60_000 });
        return new Uri(page.Url).AbsolutePath;
    }

    private static ILocator Rewards(IPage page) => page.Locator("figure[data-chart='Training rewards'] [data-summary]");

    /// <summary>Steps that are drawn; a chart of one or two is described in other words.</summary>
    private static async Task<int> StepsAsync(IPage page) => Values().Match(await Rewards(page).TextContentAsync() ?? "") is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 1;

    private static ILocator Title(IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true, Level = 1 });

    private static ILocator Tab(IPage page, string name) => page.GetByRole(AriaRole.Tab, new() { Name = name });

    private static ILocator MenuLink(IPage page, string name) => page.GetByRole(AriaRole.Navigation, new() { Name = "Console" }).GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    [GeneratedRegex("Training: ([0-9]+) values")]
    private static partial Regex Values();
}
