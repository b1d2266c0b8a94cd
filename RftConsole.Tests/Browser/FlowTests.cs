using System.Text.Json;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The whole way of one person, on the real console with a real job: create, watch, deploy, compare, restart, find again.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FlowTests(ChromiumFixture chromium)
{
    private const string JobName = "first-job";
    private const string ModelName = "first-model";
    private const string DeploymentName = "first-deployment";

    private static readonly string[] s_jobTabs = ["rollouts", "reward", "data", "logs", "artefacts", "configuration"];

    /// <summary>A person waits for a job; the machine that runs all tests may be a slow one.</summary>
    private const float JobTimeout = 6 * 60_000;

    [Fact]
    public async Task From_create_to_the_playground_and_again_after_a_restart()
    {
        string dataFolder = Directory.CreateTempSubdirectory("rftconsole-flow-").FullName;
        try
        {
            await using (ConsoleProcess console = await ConsoleProcess.StartAsync(dataFolder))
            {
                await using ObservedPage observed = await chromium.OpenAsync(console.Address);
                await observed.DoAsync(CreateJobAsync);
                await WatchUntilCompletedAsync(observed.Page);
                await ZoomAsync(observed.Page);
                ExpectRewardRose(dataFolder);
                await DeployAsync(observed.Page);
                await CompareAsync(observed.Page);
                observed.ExpectNoErrors();
                observed.ExpectNoOtherHost();
                Assert.Equal(0, await console.StopAsync());
            }

            await using (ConsoleProcess console = await ConsoleProcess.StartAsync(dataFolder))
            {
                await using ObservedPage observed = await chromium.OpenAsync(console.Address);
                await observed.DoAsync(FindAllAgainAsync);
                await CompareAsync(observed.Page);
                observed.ExpectNoErrors();
                observed.ExpectNoOtherHost();
                await ExpectAccessibleAsync(console.Address, await OwnAddressesAsync(observed));
            }
        }
        finally
        {
            Directory.Delete(dataFolder, recursive: true);
        }
    }

    private static async Task CreateJobAsync(ObservedPage observed)
    {
        IPage page = observed.Page;
        await observed.GoAsync("/");
        await Expect(Heading(page, "Custom models")).ToBeVisibleAsync();
        await Button(page, "Create").ClickAsync();
        await Textbox(page, "Job name").FillAsync(JobName);
        await Textbox(page, "Custom model name").FillAsync(ModelName);

        // Model details and Customization details share the first step; the data and the reward function stay as they are proposed.
        await Button(page, "Next").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Sample data" })).ToBeCheckedAsync();
        await Button(page, "Next").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Custom code (RLVR)" })).ToBeCheckedAsync();
        await Button(page, "Next").ClickAsync();

        // A shorter job than the default: a test is not the place to wait for the last percent.
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await NumberAsync(page, "Maximum steps", "16");
        await NumberAsync(page, "Evaluation interval", "8");
        await Button(page, "Review and create").ClickAsync();
        await Expect(Heading(page, "Review")).ToBeVisibleAsync();
        await Expect(page.GetByText(JobName, new() { Exact = true })).ToBeVisibleAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();
        await Expect(Heading(page, JobName)).ToBeVisibleAsync();
    }

    /// <summary>Charts that grew while the job ran show all of it; only a hand's drag zooms, and a double click takes that back.</summary>
    private static async Task ZoomAsync(IPage page)
    {
        ILocator zoomed = page.Locator("[data-zoomed]"), plot = page.Locator("figure .u-over").First;
        await plot.ScrollIntoViewIfNeededAsync();
        await Expect(zoomed).ToHaveCountAsync(0);
        LocatorBoundingBoxResult box = (await plot.BoundingBoxAsync())!;
        float middle = box.Y + (box.Height / 2);
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.3f), middle);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.7f), middle, new() { Steps = 5 });
        await page.Mouse.UpAsync();
        await Expect(zoomed).ToHaveCountAsync(1);
        await plot.DblClickAsync();
        await Expect(zoomed).ToHaveCountAsync(0);
    }

    private static async Task WatchUntilCompletedAsync(IPage page)
    {
        await Expect(Heading(page, "Training metrics")).ToBeVisibleAsync();
        ILocator rewards = page.GetByRole(AriaRole.Figure).Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "Training rewards" }) });

        // Live: the chart has its first points while the job still runs, without a reload.
        await Expect(rewards).ToContainTextAsync("at step 2", new() { Timeout = JobTimeout });
        await Expect(Status(page)).ToHaveTextAsync("In progress");
        await Expect(Status(page)).ToHaveTextAsync("Completed", new() { Timeout = JobTimeout });
        await Expect(rewards).ToContainTextAsync("16 values");
    }

    /// <summary>The mean training reward of the last quarter of the steps is above that of the first.</summary>
    private static void ExpectRewardRose(string dataFolder)
    {
        string file = Assert.Single(Directory.GetFiles(dataFolder, "metrics.jsonl", SearchOption.AllDirectories));
        double[] rewards =
        [
            .. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)
                .Where(step => step.TryGetProperty("reward", out _))
                .Select(step => step.GetProperty("reward").GetDouble()),
        ];

        Assert.Equal(16, rewards.Length);
        Assert.True(rewards[^4..].Average() > rewards[..4].Average(), $"The reward did not rise: {string.Join(", ", rewards.Select(reward => reward.ToString("0.00")))}");
    }

    private static async Task DeployAsync(IPage page)
    {
        await Expect(Heading(page, "Set up inference")).ToBeVisibleAsync();
        await Button(page, "Deploy for on-demand").ClickAsync();
        await Textbox(page, "Deployment name").FillAsync(DeploymentName);
        await Button(page, "Deploy").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Test in playground" }).ClickAsync();
    }

    private static async Task CompareAsync(IPage page)
    {
        await Expect(Heading(page, "Playground")).ToBeVisibleAsync();
        await Textbox(page, "Prompt").FillAsync("Tom has 3 apples and buys 4 more. How many apples does Tom have now?");
        await Button(page, "Run").ClickAsync();
        await Expect(Button(page, "Run")).ToBeVisibleAsync();
        foreach (string side in new[] { "Base", "Tuned" })
        {
            ILocator column = page.GetByRole(AriaRole.Region, new() { Name = side, Exact = true });
            await Expect(column).ToContainTextAsync("tokens/s");
            await Expect(column.GetByTestId("answer")).ToHaveAttributeAsync("aria-busy", "false");
            string answer = await column.GetByTestId("answer").InnerTextAsync();
            Assert.False(string.IsNullOrWhiteSpace(answer), $"{side} gave no text.");
            Assert.NotEqual("The answer appears here.", answer);
        }
    }

    private static async Task FindAllAgainAsync(ObservedPage observed)
    {
        IPage page = observed.Page;
        await observed.GoAsync("/jobs");
        await Link(page, JobName).ClickAsync();
        await Expect(Status(page)).ToHaveTextAsync("Completed");
        await Expect(page.GetByRole(AriaRole.Figure).Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "Training rewards" }) }))
            .ToContainTextAsync("16 values");

        await Link(page, "Models").ClickAsync();
        await Link(page, ModelName).ClickAsync();
        await Expect(Heading(page, ModelName)).ToBeVisibleAsync();
        await Expect(Link(page, "Test in playground")).ToBeVisibleAsync();

        await Link(page, "Deployments").ClickAsync();
        await Expect(page.GetByText(DeploymentName, new() { Exact = true })).ToBeVisibleAsync();
        await Link(page, "Test in playground").ClickAsync();
    }

    /// <summary>The pages of the job, with all its tabs, of the model and of the playground with both.</summary>
    private static async Task<string[]> OwnAddressesAsync(ObservedPage observed)
    {
        await observed.GoAsync("/models");
        string? model = await Link(observed.Page, ModelName).GetAttributeAsync("href"), job = await Link(observed.Page, JobName).GetAttributeAsync("href");
        return [model!, job!, .. s_jobTabs.Select(tab => $"{job}?tab={tab}")];
    }

    private async Task ExpectAccessibleAsync(string address, string[] own)
    {
        foreach ((ColorScheme colors, int width) in new[] { (ColorScheme.Light, 390), (ColorScheme.Dark, 1440) })
        {
            await using ObservedPage observed = await chromium.OpenAsync(address, colors, width);
            await Axe.ExpectNothingAsync(observed, [.. own, .. Axe.Addresses]);
        }
    }
}
