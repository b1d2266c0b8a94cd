using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>A console that goes away under an open page and comes back.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReconnectTests(ChromiumFixture chromium) : IAsyncLifetime
{
    private readonly string _dataFolder = Directory.CreateTempSubdirectory("rftconsole-reconnect-").FullName;
    private ConsoleProcess _console = null!;

    public async ValueTask InitializeAsync() => _console = await ConsoleProcess.StartAsync(_dataFolder);

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task The_wizard_keeps_what_was_typed_in_all_its_steps_when_the_console_is_killed_and_started_again(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(_console.Address, width: width);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create");
        await Textbox(page, "Job name").FillAsync("kept-job");
        await Textbox(page, "Description").FillAsync("Typed before the end");
        await page.GetByRole(AriaRole.Link, new() { Name = "Hyperparameters" }).ClickAsync();
        ILocator epochs = page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs", Exact = true });
        await epochs.FillAsync("3");
        // Kept by the browser, and not only shown.
        await page.WaitForFunctionAsync("() => (sessionStorage.getItem('rftconsole.draft.job') ?? '').includes('\"epochCount\\\\\":3')");

        await RestartAsync(page);

        await Expect(page.GetByRole(AriaRole.Note, new() { Name = "Draft" })).ToContainTextAsync("what you typed is back");
        await Expect(epochs).ToHaveValueAsync("3");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(Textbox(page, "Job name")).ToHaveValueAsync("kept-job");
        await Expect(Textbox(page, "Description")).ToHaveValueAsync("Typed before the end");
    }

    [Fact]
    public async Task Any_other_form_has_its_text_back_too_and_passwords_are_not_kept()
    {
        await using ObservedPage observed = await chromium.OpenAsync(_console.Address);
        IPage page = observed.Page;
        await observed.GoAsync("/settings");
        await Textbox(page, "Webhook address").FillAsync("https://hooks.example/rft");
        ILocator secret = page.GetByLabel("Webhook secret");
        await secret.FillAsync("a secret that is long enough");

        await RestartAsync(page);

        await Expect(Textbox(page, "Webhook address")).ToHaveValueAsync("https://hooks.example/rft");
        await Expect(secret).ToHaveValueAsync("");
    }

    /// <summary>The page says that the connection is lost, and comes back by itself.</summary>
    private async Task RestartAsync(IPage page)
    {
        await page.EvaluateAsync("() => { window.beforeRestart = true; }");
        await _console.KillAsync();
        ILocator overlay = page.GetByRole(AriaRole.Dialog, new() { Name = "Connection lost" });
        await Expect(overlay).ToBeVisibleAsync();
        await _console.DisposeAsync();
        _console = await ConsoleProcess.StartAgainAsync(_console);
        await page.WaitForFunctionAsync("() => !window.beforeRestart", null, new() { Timeout = 120_000 });
        await Expect(overlay).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }
}
