using Microsoft.Playwright;

using RftConsole.Tests.Web.Notifications;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>The end of a real job, told by the bell, the browser and the webhook.</summary>
[Collection(BrowserCollection.Name)]
public sealed class NotificationFlowTests(ChromiumFixture chromium) : IAsyncLifetime
{
    private const int JobTimeout = 240_000;

    /// <summary>Headless browsers show nothing: what they are asked to show is remembered instead.</summary>
    private const string RememberNotifications = """
        window.shown = [];
        window.Notification = class {
          static permission = 'default';
          static async requestPermission() { return this.permission = 'granted'; }
          constructor(title, options) { window.shown.push({ title, ...options }); }
          close() {}
        };
        """;

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("rftconsole-bell-").FullName;
    private ConsoleProcess _console = null!;
    private WebhookListener _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await WebhookListener.StartAsync();
        _console = await ConsoleProcess.StartAsync(_dataFolder);
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        await _receiver.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_job_that_ends_is_told_by_bell_browser_and_webhook_and_stays_read(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(_console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await page.AddInitScriptAsync(RememberNotifications);
        await SetWebhookAsync(observed);
        await SwitchBrowserNotificationsOnAsync(page);
        await CreateJobAsync(observed);

        ILocator bell = page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Notifications, [1-9] unread$") });
        await Expect(bell).ToBeVisibleAsync(new() { Timeout = JobTimeout });
        Delivery told = await _receiver.NextAsync();
        Assert.Equal("bell-job", told.Event.GetProperty("data").GetProperty("name").GetString());
        Assert.Equal("fine_tuning.job.succeeded", told.Event.GetProperty("type").GetString());
        await page.WaitForFunctionAsync("() => window.shown.some(shown => shown.title === 'bell-job is completed')");

        await observed.GoAsync("/jobs");
        await bell.ClickAsync();
        ILocator list = page.GetByRole(AriaRole.Dialog, new() { Name = "Notifications" });
        await list.GetByRole(AriaRole.Button, new() { Name = "Mark all as read" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Notifications", Exact = true })).ToBeVisibleAsync();
        await list.GetByRole(AriaRole.Link, new() { NameRegex = new("bell-job is completed") }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "bell-job", Exact = true })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Notifications", Exact = true })).ToBeVisibleAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }

    private async Task SetWebhookAsync(ObservedPage observed)
    {
        IPage page = observed.Page;
        await observed.GoAsync("/settings#webhook");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Webhook address", Exact = true }).FillAsync(_receiver.Address.ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Save webhook" }).ClickAsync();
        await Expect(page.GetByText("The webhook is saved.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test" }).ClickAsync();
        await Expect(page.GetByText("The test was taken")).ToBeVisibleAsync();
        Assert.Equal("webhook.test", (await _receiver.NextAsync()).Event.GetProperty("type").GetString());
    }

    private static async Task SwitchBrowserNotificationsOnAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Notifications", Exact = true }).ClickAsync();
        ILocator list = page.GetByRole(AriaRole.Dialog, new() { Name = "Notifications" });
        await Expect(list).ToContainTextAsync("Nothing yet.");
        await list.GetByRole(AriaRole.Switch, new() { Name = "Browser notification when a job ends" }).Or(list.GetByLabel("Browser notification when a job ends")).First.CheckAsync(new() { Force = true });
        await page.WaitForFunctionAsync("() => localStorage.getItem('rftconsole.notifications.browser') === 'on'");
        await page.Keyboard.PressAsync("Escape");
        await Expect(list).ToHaveCountAsync(0);
    }

    private static async Task CreateJobAsync(ObservedPage observed)
    {
        IPage page = observed.Page;
        // Another page of the same document: the browser's answer to the permission lasts as long as it.
        await page.GetByRole(AriaRole.Link, new() { Name = "RftConsole home" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Job name", Exact = true }).FillAsync("bell-job");
        await page.GetByRole(AriaRole.Link, new() { Name = "Hyperparameters" }).ClickAsync();
        await page.GetByText("Advanced", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Maximum steps", Exact = true }).FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and create" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create reinforcement fine-tuning job" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "bell-job", Exact = true })).ToBeVisibleAsync();
    }
}
