using Microsoft.Playwright;

using RftConsole.Tests.Hub;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>A model by its id, from a hub of this machine into the wizard.</summary>
[Collection(BrowserCollection.Name)]
public sealed class BaseModelTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task A_model_is_downloaded_by_its_id_and_chosen_for_a_job()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        string dataFolder = Directory.CreateTempSubdirectory("rftconsole-hub-").FullName;
        try
        {
            await using ConsoleProcess console = await ConsoleProcess.StartAsync(dataFolder);
            await using ObservedPage observed = await chromium.OpenAsync(console.Address);
            IPage page = observed.Page;
            await observed.GoAsync("/settings");
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Address of the hub or mirror" }).FillAsync(hub.Endpoint.ToString());
            await page.GetByRole(AriaRole.Button, new() { Name = "Save address" }).ClickAsync();
            await Expect(page.GetByText("The address is saved.")).ToBeVisibleAsync();

            await observed.GoAsync("/base-models");
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = hub.Endpoint.ToString().TrimEnd('/') })).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Add model" }).ClickAsync();
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Model id" }).FillAsync("tiny/model");
            await page.GetByRole(AriaRole.Button, new() { Name = "Download", Exact = true }).ClickAsync();
            await page.GetByRole(AriaRole.Link, new() { Name = "Use in a new job: model", Exact = true }).ClickAsync();

            await Expect(page.GetByText("licence mit")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Job name" }).FillAsync("on-tiny");
            await page.GetByRole(AriaRole.Button, new() { Name = "Review and create" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Review", Exact = true })).ToBeVisibleAsync();
            await Expect(page.GetByText("model", new() { Exact = true })).ToBeVisibleAsync();
            observed.ExpectNoErrors();
            observed.ExpectNoOtherHost();
        }
        finally
        {
            Directory.Delete(dataFolder, recursive: true);
        }
    }
}
