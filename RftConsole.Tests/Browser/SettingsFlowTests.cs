using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The settings that others' flows do not touch: defaults, threads, judge endpoints, keys, room on the disk.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SettingsFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Defaults_reach_the_wizard_and_judges_keys_and_the_disk_are_looked_after(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/settings");

        await NumberAsync(page, "Training samples per prompt", "6");
        await Button(page, "Save defaults").ClickAsync();
        await Expect(page.GetByText("The defaults are saved.")).ToBeVisibleAsync();
        await observed.GoAsync("/jobs/create?section=hyperparameters");
        await Expect(page.GetByRole(AriaRole.Spinbutton, new() { Name = "Training samples per prompt" })).ToHaveValueAsync("6");
        await observed.GoAsync("/settings");
        await Button(page, "Back to the engine's own").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Spinbutton, new() { Name = "Training samples per prompt" })).ToHaveValueAsync("8");

        // An endpoint of a port where nobody listens: its test says so, and it can be deleted again.
        string judge = $"judge-{width}";
        await Button(page, "Add endpoint").ClickAsync();
        ILocator add = Dialog(page, "Add judge endpoint");
        await observed.ExpectWithinWindowAsync(add);
        await add.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync(judge);
        await add.GetByRole(AriaRole.Textbox, new() { Name = "Base URL" }).FillAsync("http://127.0.0.1:9/v1");
        await add.GetByRole(AriaRole.Textbox, new() { Name = "Model" }).FillAsync("grader");
        await add.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Button(page, $"Test {judge}").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Judge endpoints" }).GetByRole(AriaRole.Status)).ToContainTextAsync("127.0.0.1:9");
        await observed.ExpectFitsAsync();
        await Button(page, $"Delete {judge}").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete") }).ClickAsync();
        await Expect(Button(page, $"Test {judge}")).ToHaveCountAsync(0);

        // A key is shown once, and revoked.
        string key = $"key-{width}";
        await Button(page, "Create API key").ClickAsync();
        ILocator create = Dialog(page, "Create API key");
        await observed.ExpectWithinWindowAsync(create);
        await create.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync(key);
        await create.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await Expect(create.GetByRole(AriaRole.Textbox, new() { Name = "API key" })).Not.ToBeEmptyAsync();
        await observed.ExpectWithinWindowAsync(create);
        await create.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Button(page, $"Revoke {key}").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { NameRegex = new("^Revoke") }).ClickAsync();
        await Expect(Button(page, $"Revoke {key}")).ToHaveCountAsync(0);

        await Button(page, "Add key").ClickAsync();
        ILocator encryption = Dialog(page, "Add encryption key");
        await encryption.GetByRole(AriaRole.Radio, new() { NameRegex = new("KMS") }).CheckAsync();
        await observed.ExpectWithinWindowAsync(encryption);
        await encryption.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Use of the disk" })).ToContainTextAsync("MB");
        await Button(page, "Compact the database").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Data folder" }).GetByRole(AriaRole.Status)).Not.ToBeEmptyAsync();
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }
}
