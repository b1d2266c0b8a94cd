using System.Diagnostics;
using System.Globalization;

using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>
/// A person looks for jobs among many, hands the link on, and tidies up. <c>RFTCONSOLE_MANY_JOBS=500x40</c> makes so many jobs of so many steps, and the output of the
/// test says how long the page took; no time is asserted.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class JobsPageFlowTests(ChromiumFixture chromium) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public async Task Jobs_are_found_shared_as_a_link_and_deleted_together(int width, int height)
    {
        await using ConsoleProcess console = await StartAsync(60, 12);
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: height);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs");
        await Expect(page.GetByText("60 jobs", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new("^Reward from .+ at step 1 to .+ at step 12") }).First).ToBeVisibleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));

        // Found: by a part of the name, then by status; each is a step of the way back.
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Search by name" }).FillAsync("run-1");
        await Expect(page.GetByText("11 of 60 jobs")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Status" }).ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "Status" }).GetByRole(AriaRole.Checkbox, new() { Name = "Failed" }).CheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Status" })).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { NameRegex = new("^run-") })).ToHaveTextAsync(["run-15"]);
        string address = page.Url;
        Assert.EndsWith("/jobs?search=run-1&status=Failed", address, StringComparison.Ordinal);
        await page.GoBackAsync();
        await Expect(page.GetByText("11 of 60 jobs")).ToBeVisibleAsync();

        // Shared: whoever opens the link sees the same.
        await using (ObservedPage other = await chromium.OpenAsync(console.Address, width: width, height: height))
        {
            await other.GoAsync(address);
            await Expect(other.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("^run-") })).ToHaveTextAsync(["run-15"]);
            await Expect(other.Page.GetByRole(AriaRole.Textbox, new() { Name = "Search by name" })).ToHaveValueAsync("run-1");
            await other.Page.GetByRole(AriaRole.Textbox, new() { Name = "Search by name" }).FillAsync("no such job");
            await Expect(other.Page.GetByText("No job matches")).ToBeVisibleAsync();
            await other.Page.GetByRole(AriaRole.Button, new() { Name = "Clear the filters" }).ClickAsync();
            await Expect(other.Page.GetByText("60 jobs", new() { Exact = true })).ToBeVisibleAsync();
            other.ExpectNoErrors();
        }

        // Deleted: two at once, after a question.
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select run-15", Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select run-16", Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Selected jobs" }).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        ILocator question = page.GetByRole(AriaRole.Dialog, new() { Name = "Delete 2 jobs?" });
        await Expect(question.GetByText("run-15")).ToBeVisibleAsync();
        await question.GetByRole(AriaRole.Button, new() { Name = "Delete 2 jobs" }).ClickAsync();
        await Expect(page.GetByText("2 jobs deleted.")).ToBeVisibleAsync();
        await Expect(page.GetByText("9 of 58 jobs")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "run-15", Exact = true })).ToHaveCountAsync(0);
        observed.ExpectNoErrors();
    }

    [Fact]
    public async Task Many_jobs_are_sorted_and_leafed_through()
    {
        int[] size = [.. (Environment.GetEnvironmentVariable("RFTCONSOLE_MANY_JOBS") ?? "120x10").Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        await using ConsoleProcess console = await StartAsync(size[0], size[1]);
        for (int visit = 1; visit <= 5; visit++)
        {
            // Each is a browser that was never here; only the server is warm from the second on.
            await using ObservedPage visitor = await chromium.OpenAsync(console.Address, width: 1440);
            await TimeAsync($"visit {visit}, to interactive", async () =>
            {
                await visitor.Page.GotoAsync("/jobs");
                await visitor.Page.GetByRole(AriaRole.Checkbox, new() { Name = $"Select run-{size[0]}", Exact = true }).CheckAsync();
                await Expect(visitor.Page.GetByText("1 job selected")).ToBeVisibleAsync();
            });
        }

        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 1440);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs");
        ILocator first = page.GetByRole(AriaRole.Row).Nth(1).GetByRole(AriaRole.Link);
        await TimeAsync("sorted by name", async () =>
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Job name", Exact = true }).ClickAsync();
            await Expect(first).ToHaveTextAsync("run-1");
        });
        await TimeAsync("next page", async () =>
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
            await Expect(first).ToHaveTextAsync("run-51");
        });
        await TimeAsync("sorted by reward", async () =>
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Reward", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Reward", Exact = true })).ToHaveAttributeAsync("aria-sort", "descending");
        });
        await TimeAsync("found by name", async () =>
        {
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Search by name" }).FillAsync("run-77");
            await Expect(first).ToHaveTextAsync("run-77");
        });
        observed.ExpectNoErrors();
    }

    private async Task<ConsoleProcess> StartAsync(int jobs, int steps)
    {
        string data = Path.Combine(_folder.Path, "data");
        await ManyJobs.AddAsync(data, jobs, steps, TestContext.Current.CancellationToken);
        return await ConsoleProcess.StartAsync(data);
    }

    private static async Task TimeAsync(string what, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms");
    }
}
