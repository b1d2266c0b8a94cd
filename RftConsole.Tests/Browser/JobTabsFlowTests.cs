using System.Text.RegularExpressions;

using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>A job that has ended, as its owner looks through it: every tab, wide and narrow.</summary>
[Collection(BrowserCollection.Name)]
public sealed class JobTabsFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Charts_are_read_smoothed_enlarged_and_taken_away(int width)
    {
        await using ObservedPage observed = await OpenAsync(width);
        IPage page = observed.Page;
        ILocator rewards = page.GetByRole(AriaRole.Figure, new() { Name = "Training rewards", Exact = true });
        await rewards.ScrollIntoViewIfNeededAsync();
        await Expect(rewards.GetByRole(AriaRole.Img, new() { Name = "Training rewards" })).ToHaveAccessibleDescriptionAsync(new Regex("16 values"));

        await page.GetByRole(AriaRole.Group, new() { Name = "Horizontal axis" }).GetByRole(AriaRole.Button, new() { Name = "Time" }).ClickAsync();
        await page.GetByRole(AriaRole.Slider, new() { Name = "Smoothing" }).FillAsync("0.6");
        await ChooseAsync(page.Locator("main"), "Metric of choice", "learning_rate");
        await Expect(page).ToHaveURLAsync(new Regex("(?=.*smoothing=0.6)(?=.*axis=time)(?=.*metric=learning_rate)"));
        await Expect(page.GetByRole(AriaRole.Figure).Filter(new() { Has = Heading(page, "learning_rate") })).ToBeVisibleAsync();

        // As a table, for those who cannot see curves.
        await rewards.GetByText("Show as a table").ClickAsync();
        await Expect(rewards.GetByRole(AriaRole.Region, new() { Name = "Training rewards as a table" }).GetByRole(AriaRole.Row)).ToHaveCountAsync(18);
        await observed.ExpectFitsAsync();

        // Over the whole screen, and back by the keyboard.
        await Button(page, "Full screen: Training rewards").ClickAsync();
        await Expect(Button(page, "Full screen: Training rewards")).ToBeInViewportAsync(new() { Ratio = 1 });
        await page.WaitForFunctionAsync("() => document.querySelector(\"figure[data-chart='Training rewards'] canvas\").getBoundingClientRect().height > innerHeight / 2");
        await page.EvaluateAsync("() => document.exitFullscreen?.()");
        await page.WaitForFunctionAsync("() => document.querySelector(\"figure[data-chart='Training rewards'] canvas\").getBoundingClientRect().height < innerHeight / 2");

        string numbers = await DownloadAsync(page, Button(page, "Numbers (CSV): Training rewards"));
        Assert.StartsWith("step,", numbers, StringComparison.Ordinal);
        Assert.Equal(18, numbers.Trim().Split('\n').Length);
        Assert.Contains("PNG", await DownloadAsync(page, Button(page, "Picture (PNG): Training rewards")), StringComparison.Ordinal);
        observed.ExpectNoErrors();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task From_a_warning_to_its_rollouts_one_group_and_how_its_prompt_was_answered_over_the_steps(int width)
    {
        await using ObservedPage observed = await OpenAsync(width);
        IPage page = observed.Page;
        ILocator warning = page.GetByRole(AriaRole.Region, new() { Name = "Health" }).GetByRole(AriaRole.Listitem).Filter(new() { Has = Heading(page, "Groups without spread") });
        await Expect(warning).ToContainTextAsync("A group whose answers all score alike teaches nothing.");
        await warning.GetByRole(AriaRole.Link, new() { Name = "Rollouts that show it" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("tab=rollouts&step=[0-9]+"));
        await page.GoBackAsync();
        await Expect(warning).ToBeVisibleAsync();
        await page.GoForwardAsync();
        await Expect(page.GetByText("64 answers match")).ToBeVisibleAsync();

        // Filtered by text, reward and length.
        ILocator step = page.GetByRole(AriaRole.Spinbutton, new() { Name = "Step", Exact = true });
        await step.FillAsync("");
        await Expect(page.GetByText("920 answers", new() { Exact = true })).ToBeVisibleAsync();
        await NumberAsync(page, "Reward from", "1");
        await Textbox(page, "Search prompts and responses").FillAsync("apples");
        await Expect(page).ToHaveURLAsync(new Regex("search=apples"));
        await Expect(page.GetByText(new Regex("^[0-9]+ answers match$"))).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();

        ILocator group = page.GetByRole(AriaRole.Table, new() { Name = "Rollouts" }).GetByRole(AriaRole.Button).First;
        await group.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Article)).ToHaveCountAsync(4);
        await Expect(page.GetByRole(AriaRole.Article, new() { Name = "Answer 1" })).ToContainTextAsync("answer_marked");
        await page.GetByRole(AriaRole.Radio, new() { Name = "By change from the base model" }).CheckAsync();
        await Expect(page.GetByRole(AriaRole.Article).First.GetByTitle(new Regex("base model .* change")).First).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();

        // The time line of this prompt leads to the same prompt at another step.
        ILocator history = page.GetByRole(AriaRole.Region, new() { Name = "How the answer to this prompt changed over the steps" });
        await Expect(history.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        ILocator other = history.Locator("li:not([aria-current])").GetByRole(AriaRole.Button);
        string title = await other.InnerTextAsync();
        await other.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new($"^{title}, prompt ") })).ToBeVisibleAsync();
        await Button(page, "Next step").ClickAsync();
        await Button(page, "All rollouts").ClickAsync();
        await Expect(group).ToBeVisibleAsync();
        observed.ExpectNoErrors();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Reward_data_logs_artefacts_and_configuration_each_have_their_tab(int width)
    {
        await using ObservedPage observed = await OpenAsync(width);
        IPage page = observed.Page;
        async Task<ILocator> OpenTabAsync(string name)
        {
            await Tab(page, name).ClickAsync();
            ILocator panel = page.GetByRole(AriaRole.Tabpanel, new() { Name = name });
            await Expect(panel).ToBeVisibleAsync();
            await Expect(page).ToHaveURLAsync(new Regex($"tab={name.ToLowerInvariant()}"));
            return panel;
        }

        await Expect((await OpenTabAsync("Reward")).GetByRole(AriaRole.Region, new() { Name = "math-reasoning" })).ToContainTextAsync("def lambda_handler");
        await observed.ExpectFitsAsync();
        ILocator data = await OpenTabAsync("Data");
        await Expect(data).ToContainTextAsync("tokens a prompt");
        await Expect(data.GetByRole(AriaRole.Link, new() { Name = $"{TrainedConsoleFixture.DataSet}, version 1" })).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();
        ILocator message = (await OpenTabAsync("Logs")).GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Checkpoint of" }).First;
        await Expect(message).ToBeVisibleAsync();
        // A line of the log is no taller than its text needs: nothing squeezes it into a column of one word.
        Assert.InRange((await message.BoundingBoxAsync())!.Height, 1, 70);
        await observed.ExpectFitsAsync();
        ILocator artefacts = await OpenTabAsync("Artefacts");
        Assert.Equal(16, (await DownloadAsync(page, artefacts.GetByRole(AriaRole.Link, new() { Name = "metrics.jsonl" }))).Split('\n').Count(line => line.Contains("\"reward\":", StringComparison.Ordinal)));
        await Expect(artefacts.GetByRole(AriaRole.Table, new() { Name = "Checkpoints" })).ToContainTextAsync("best by validation reward");
        await observed.ExpectFitsAsync();
        await Expect(await OpenTabAsync("Configuration")).ToContainTextAsync("Training samples per prompt");
        await observed.ExpectFitsAsync();

        // Its tags are of today; a link to the page shows the tab that is open.
        await Button(page, "Add tags").Or(Button(page, "Edit tags")).ClickAsync();
        ILocator tags = page.GetByRole(AriaRole.Dialog);
        await observed.ExpectWithinWindowAsync(tags);
        await tags.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.ReloadAsync();
        await Expect(Tab(page, "Configuration")).ToHaveAttributeAsync("aria-selected", "true");
        observed.ExpectNoErrors();
    }

    private async Task<ObservedPage> OpenAsync(int width)
    {
        ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        await observed.GoAsync($"/jobs/{console.Fast.Id}");
        await Expect(Heading(observed.Page, console.Fast.Name)).ToBeInViewportAsync();
        await Expect(Status(observed.Page)).ToHaveTextAsync("Completed");
        return observed;
    }

    private static async Task<string> DownloadAsync(IPage page, ILocator link)
    {
        IDownload download = await page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        return await File.ReadAllTextAsync(await download.PathAsync());
    }
}
