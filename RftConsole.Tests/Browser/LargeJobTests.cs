using System.Diagnostics;
using System.Globalization;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Storage;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>
/// The page of a job with many steps and rollouts. <c>RFTCONSOLE_LARGE_JOB=10000x100000</c> makes the job of that size and the output of the test
/// says how long each view took; no time is asserted.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class LargeJobTests(ChromiumFixture chromium) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_job_of_many_steps_and_rollouts_is_looked_through_from_end_to_end()
    {
        string[] size = (Environment.GetEnvironmentVariable("RFTCONSOLE_LARGE_JOB") ?? "300x3000").Split('x');
        (int steps, int rollouts) = (int.Parse(size[0], CultureInfo.InvariantCulture), int.Parse(size[1], CultureInfo.InvariantCulture));
        string data = Path.Combine(_folder.Path, "data");
        await MakeAsync(data, steps, rollouts);
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(data);
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs");

        await TimeAsync("job page, to interactive", async () =>
        {
            await page.GotoAsync("/jobs/large");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Training metrics" })).ToBeVisibleAsync();
        });
        await TimeAsync("first charts after that", () => Expect(page.Locator("figure canvas").Nth(1)).ToBeVisibleAsync());
        await Expect(page.Locator("figure[data-chart='Training rewards'] [data-summary]")).ToContainTextAsync($"Training: {steps} values");
        // Those below the fold too: a reader may hear of them, search them or print the page without having scrolled.
        await TimeAsync("all charts after that", () => Expect(page.Locator("figure[data-chart] [data-empty]:visible")).ToHaveCountAsync(0));
        await TimeAsync("rollouts tab", async () =>
        {
            await page.GetByRole(AriaRole.Tab, new() { Name = "Rollouts" }).ClickAsync();
            await Expect(page.Locator(".rollout-row .text-button").First).ToBeVisibleAsync();
        });
        await TimeAsync("scrolled to the last rollout", async () =>
        {
            // The list learns how high its rows are from those it has drawn, and then becomes longer or shorter: the end is where nothing follows.
            await page.Locator(".rollout-scroll").WaitForAsync();
            await page.WaitForFunctionAsync("() => { const list = document.querySelector('.rollout-scroll'); list.scrollTop = list.scrollHeight; return [...list.querySelectorAll('.rollout-row')].at(-1)?.cells[0].textContent === '1'; }");
        });
        await TimeAsync("text found", async () =>
        {
            await page.GetByLabel("Search prompts and responses").FillAsync("arithmetic-123");
            await Expect(page.GetByText("answers match")).ToBeVisibleAsync();
        });
        await TimeAsync("group side by side", async () =>
        {
            await page.Locator(".rollout-row .text-button").First.ClickAsync();
            await Expect(page.Locator(".answer-card").First).ToBeVisibleAsync();
        });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "How the answer to this prompt changed over the steps" })).ToBeVisibleAsync();
        observed.ExpectNoErrors();
    }

    private static async Task MakeAsync(string data, int steps, int rollouts)
    {
        using DataFolder folder = DataFolder.Open(data);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddConsoleServices(folder);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IDbContextFactory<ConsoleDbContext> contexts = provider.GetRequiredService<IDbContextFactory<ConsoleDbContext>>();
        await using (ConsoleDbContext context = await contexts.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            await context.Database.MigrateAsync(TestContext.Current.CancellationToken);
        }

        await LargeJob.AddAsync(contexts, "large", steps, rollouts, TestContext.Current.CancellationToken);
    }

    private static async Task TimeAsync(string what, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }
}
