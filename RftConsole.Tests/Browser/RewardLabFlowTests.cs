using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The reward lab as a user walks through it: a function made of a template, broken and mended, tried on real responses, probed, graded by hand, and run by a job.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RewardLabFlowTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_function_goes_from_a_template_through_the_lab_into_a_job(int width)
    {
        (string function, string job) = ($"lab-function-{width}", $"by-lab-{width}");
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/rewards");
        await Button(page, "Create from this: Mathematical reasoning with ground truth verification").ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Name", Exact = true }).FillAsync(function);
        await Button(page, "Create").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = function, Exact = true })).ToBeVisibleAsync();

        // Broken: marked at its line and said. Mended: neither.
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Reward function code", Exact = true }).ClickAsync();
        await page.Keyboard.PressAsync("Control+Home");
        await page.Keyboard.InsertTextAsync("def broken(:\n");
        await Expect(page.Locator(".cm-lintRange-error").First).ToBeVisibleAsync();
        await Expect(page.GetByText("SyntaxError")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+Home");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await page.Keyboard.InsertTextAsync("# mine\n");
        await Expect(page.GetByText("The code can be used.")).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-lintRange-error")).ToHaveCountAsync(0);

        // What is in the editor is tried before it is saved.
        await Tab(page, "Dry run").ClickAsync();
        await Button(page, "Start dry run").ClickAsync();
        await Expect(page.GetByText("32 responses graded.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "What it means" })).ToContainTextAsync("of the groups");
        await Button(page, "This response is good").First.ClickAsync();
        await observed.ExpectFitsAsync();
        await Tab(page, "Probes").ClickAsync();
        await Button(page, "Run probes").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status, new() { Name = "Probes" })).ToContainTextAsync("for none of the wrong ones");
        await observed.ExpectFitsAsync();
        await Tab(page, "Graded examples").ClickAsync();
        await Button(page, "Compare").ClickAsync();
        await Expect(page.GetByText("A score of at least 1 is a pass.")).ToBeVisibleAsync();

        await observed.ExpectFitsAsync();
        await Tab(page, "Function").ClickAsync();
        await Button(page, "Save as version 2").ClickAsync();
        await Expect(page.GetByText("Version 2 is saved.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Use in a new job" }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Job name", Exact = true }).FillAsync(job);
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link, new() { Name = "Hyperparameters" }).ClickAsync();
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Maximum steps", Exact = true }).FillAsync("1");
        await Button(page, "Review and create").ClickAsync();
        await Expect(page.GetByText("A dry run on 24 responses of the base model:")).ToBeVisibleAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = job, Exact = true })).ToBeVisibleAsync();
        await Tab(page, "Configuration").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = $"{function}, version 2" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Version 2" })).ToContainTextAsync("# mine");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = job, Exact = true })).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }

    [Fact]
    public async Task Folded_parts_need_no_scrolling_sideways_when_they_are_opened()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: 390, height: 844);
        await observed.GoAsync("/rewards");

        foreach (ILocator summary in await observed.Page.Locator("details > summary").AllAsync())
        {
            await summary.ClickAsync();
        }

        Assert.Equal(0, await observed.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_job_is_judged_by_a_model_of_the_console(int width)
    {
        string job = $"judged-{width}";
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Job name", Exact = true }).FillAsync(job);
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link, new() { Name = "Reward function" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Model as judge (RLAIF)", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Judge instructions", Exact = true }).FillAsync("Is the answer {completion} to {prompt} right?");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link, new() { Name = "Hyperparameters" }).ClickAsync();
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Maximum steps", Exact = true }).FillAsync("1");
        await Button(page, "Review and create").ClickAsync();
        await Expect(page.GetByText("responses of the base model:")).ToBeVisibleAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();
        ILocator started = page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = job, Exact = true });
        await Expect(started.Or(Button(page, "Start the job"))).ToBeVisibleAsync();
        // A model as small as the embedded one is no good judge, and the console says so.
        if (await Button(page, "Start the job").IsVisibleAsync())
        {
            await Button(page, "Start the job").ClickAsync();
        }

        await Expect(started).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Completed", new() { Timeout = 4 * 60_000 });
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
    }
}
