using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The wizard from its first section to a job that has ended, every section on the way, wide and narrow.</summary>
[Collection(BrowserCollection.Name)]
public sealed class WizardFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    private static readonly string[] s_sections = ["Training data", "Reward function", "Hyperparameters", "Output data", "Additional configuration", "Review"];

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_job_is_made_section_by_section_and_followed_to_its_end(int width)
    {
        string name = $"by-wizard-{width}";
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/");
        await Button(page, "Create").ClickAsync();
        ILocator steps = page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link);
        await Expect(Heading(page, "Customization details")).ToBeVisibleAsync();

        // What is missing is said where it is missing, and the way to it is marked.
        await Button(page, "Review and create").ClickAsync();
        await Expect(steps.First).ToHaveAccessibleNameAsync("Model and customization has errors");
        await Expect(Textbox(page, "Job name")).ToHaveAttributeAsync("aria-invalid", "true");
        await Textbox(page, "Job name").FillAsync(name);
        await Expect(steps).ToHaveCountAsync(7);
        foreach (ILocator step in await steps.AllAsync())
        {
            await Expect(step).ToBeInViewportAsync(new() { Ratio = 1 });
        }

        foreach (string section in s_sections)
        {
            await observed.ExpectFitsAsync();
            await (section == "Review" ? Button(page, "Review and create") : Button(page, "Next")).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = section, Level = 2 })).ToBeVisibleAsync();
            await Expect(steps.And(page.Locator("[aria-current=step]"))).ToHaveAccessibleNameAsync(section);
            if (section == "Hyperparameters")
            {
                await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
                await NumberAsync(page, "Maximum steps", "2");
            }
        }

        await Expect(page.GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
        await Button(page, "Previous").ClickAsync();
        await Expect(Heading(page, "Additional configuration")).ToBeVisibleAsync();
        await Button(page, "Review and create").ClickAsync();
        ILocator create = Button(page, "Create reinforcement fine-tuning job");
        await Expect(create).ToBeInViewportAsync(new() { Ratio = 1 });
        await create.ClickAsync();
        await Expect(Heading(page, name)).ToBeVisibleAsync();
        await Expect(Heading(page, "Training metrics")).ToBeVisibleAsync();
        await Expect(Status(page)).ToHaveTextAsync("Completed", new() { Timeout = 4 * 60_000 });
        await Expect(Heading(page, "Set up inference")).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }
}
