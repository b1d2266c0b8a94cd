using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>A model and its deployment from the first click to the last: named, tried, edited, pointed at another model, deleted.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DeploymentFlowTests(ChromiumFixture chromium, TrainedConsoleFixture console)
{
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_model_is_deployed_tried_edited_pointed_elsewhere_and_its_deployment_deleted(int width)
    {
        string name = $"answers-{width}";
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/models");
        await Link(page, console.Fast.Name).ClickAsync();
        await Expect(Heading(page, "Set up inference")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Validation, base and tuned" })).ToContainTextAsync("Accuracy");
        await observed.ExpectFitsAsync();

        await Button(page, "Deploy for on-demand").ClickAsync();
        ILocator deploy = Dialog(page, "Deploy for on-demand");
        await observed.ExpectWithinWindowAsync(deploy);
        await deploy.GetByRole(AriaRole.Textbox, new() { Name = "Deployment name" }).FillAsync(name);
        await deploy.GetByRole(AriaRole.Textbox, new() { Name = "Description" }).FillAsync("Sums of apples");
        await deploy.GetByRole(AriaRole.Switch, new() { Name = "Invocation logging" }).CheckAsync();
        await deploy.GetByRole(AriaRole.Button, new() { Name = "Deploy", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Set up inference" }).GetByRole(AriaRole.Listitem).Filter(new() { HasText = name })).ToContainTextAsync("Active");

        // Tried in the playground: one call, which its row counts.
        await page.GetByRole(AriaRole.Region, new() { Name = "Set up inference" }).GetByRole(AriaRole.Listitem).Filter(new() { HasText = name }).GetByRole(AriaRole.Link, new() { Name = "Test in playground" }).ClickAsync();
        await Textbox(page, "Prompt").FillAsync("Tom has 3 apples and buys 4 more. How many apples does Tom have now?");
        await Button(page, "Run").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Tuned", Exact = true })).ToContainTextAsync("tokens/s");
        await observed.GoAsync("/deployments");
        ILocator row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = name }).First;
        await Expect(row).ToContainTextAsync("Sums of apples");
        await Expect(row).ToContainTextAsync(console.Fast.Name);
        await Button(page, $"Details of {name}").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new("[1-9][0-9]* requests?") })).ToBeVisibleAsync();
        await Expect(page.GetByText($"Programs call it as model {name}")).ToBeVisibleAsync();
        await observed.ExpectFitsAsync();

        await Button(page, $"Edit {name}").ClickAsync();
        ILocator edit = Dialog(page, $"Edit {name}");
        await observed.ExpectWithinWindowAsync(edit);
        await edit.GetByRole(AriaRole.Textbox, new() { Name = "Description" }).FillAsync("Sums of pears");
        await edit.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Sums of pears");

        await Button(page, "Point at another model").ClickAsync();
        ILocator point = Dialog(page, $"Point {name} at another model");
        await observed.ExpectWithinWindowAsync(point);
        await ChooseAsync(point, "Custom model", console.Slow.Name);
        await point.GetByRole(AriaRole.Button, new() { Name = "Point at this model" }).ClickAsync();
        await Expect(point).ToHaveCountAsync(0);
        await Expect(row).ToContainTextAsync(console.Slow.Name);
        await Expect(row).ToContainTextAsync("Active");

        await Button(page, $"Delete deployment {name}").ClickAsync();
        ILocator question = page.GetByRole(AriaRole.Dialog);
        await observed.ExpectWithinWindowAsync(question);
        await question.GetByRole(AriaRole.Button, new() { NameRegex = new("^Delete") }).ClickAsync();
        await Expect(Button(page, $"Delete deployment {name}")).ToHaveCountAsync(0);
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }
}
