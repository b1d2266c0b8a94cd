using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>A reward function written in the browser: asked about while it can be gamed, and run by a job once it cannot.</summary>
[Collection(BrowserCollection.Name)]
public sealed class OwnRewardFlowTests(ChromiumFixture chromium, RunningConsoleFixture console)
{
    private const string Gameable = """
        def lambda_handler(event, context):
            return [{"id": sample["id"], "aggregate_reward_score": 1.0} for sample in event]
        """;

    private const string Good = """
        import re
        def lambda_handler(event, context):
            return [grade(sample) for sample in event]
        def grade(sample):
            wanted = re.findall(r"-?\d+", str(sample["reference_answer"]))[-1]
            found = re.findall(r"-?\d+", sample["messages"][-1]["content"])
            right = bool(found) and found[-1] == wanted
            return {"id": sample["id"], "aggregate_reward_score": float(right), "metrics_list": [{"name": "numbers_written", "value": len(found), "type": "Metric"}]}
        """;

    [Fact]
    public async Task A_gameable_function_is_asked_about_and_a_good_one_trains()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Job name", Exact = true }).FillAsync("own-reward");
        await Step(page, "Reward function").ClickAsync();
        await Button(page, "Write my own").ClickAsync();
        await WriteAsync(page, Gameable);
        await Button(page, "Review and create").ClickAsync();
        await Expect(page.GetByText("The reward function can be gamed")).ToBeVisibleAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();
        await Button(page, "Go back").ClickAsync();

        await Step(page, "Reward function").ClickAsync();
        await WriteAsync(page, "import boto3\n" + Good);
        await Button(page, "Check").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("'boto3'");
        await WriteAsync(page, Good);
        await Button(page, "Check").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The code can be used.");
        await Step(page, "Hyperparameters").ClickAsync();
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Maximum steps", Exact = true }).FillAsync("1");
        await Button(page, "Review and create").ClickAsync();
        await Expect(page.GetByText("for none of the wrong ones")).ToBeVisibleAsync();
        await Button(page, "Create reinforcement fine-tuning job").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "own-reward", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Completed", new() { Timeout = 4 * 60_000 });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Reward metric: numbers_written" })).ToBeVisibleAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }

    private static async Task WriteAsync(IPage page, string code)
    {
        ILocator editor = page.GetByRole(AriaRole.Textbox, new() { Name = "Reward function code", Exact = true });
        await editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.InsertTextAsync(code);
    }

    private static ILocator Step(IPage page, string name) => page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link, new() { Name = name });
}
