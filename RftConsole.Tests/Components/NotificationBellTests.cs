using Bunit;

using RftConsole.Web.Components.Notifications;
using RftConsole.Web.Notifications;

namespace RftConsole.Tests.Components;

/// <summary>The bell of the bar, and the webhook's settings.</summary>
public sealed class NotificationBellTests : PageContext
{
    private readonly BunitJSModuleInterop _script;
    private readonly List<string> _read = [];

    public NotificationBellTests()
    {
        _script = JSInterop.SetupModule("./Components/Notifications/NotificationBell.razor.js");
        _script.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void The_bell_counts_what_this_browser_has_not_read_and_lists_all_with_links()
    {
        Notifications.All.AddRange([Completed("n2", "j2", "sums"), Warning("n1", "j1", "arith")]);
        _read.Add("n1");
        ShowBell();

        Click("Notifications, 1 unread");

        Page.WaitForAssertion(() => Assert.Equal(["/jobs/j2", "/jobs/j1"], Page.FindAll(".bell-list a").Select(link => link.GetAttribute("href"))));
        Assert.Equal(["sums is completed (unread)", "arith: warning"], Page.FindAll(".bell-title").Select(Text));
        Assert.Contains("Accuracy 25 % → 90 %", Page.Markup, StringComparison.Ordinal);
        Assert.Contains("Entropy fell.", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_ends_raises_the_count_without_a_reload()
    {
        ShowBell();
        Assert.NotNull(FindButton("Notifications"));

        await Notifications.AddAsync(Completed("n1", "j1", "arith"));

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Notifications, 1 unread")));
    }

    [Fact]
    public void All_can_be_marked_as_read()
    {
        Notifications.All.AddRange([Completed("n2", "j2", "sums"), Warning("n1", "j1", "arith")]);
        _script.Setup<BrowserState?>("read", _ => true).SetResult(new(["n1", "n2"], false, "default"));
        ShowBell();
        Click("Notifications, 2 unread");

        Click("Mark all as read");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Notifications")));
        Assert.Equal(["n2", "n1"], (string[])_script.Invocations["read"].Single().Arguments[0]!);
    }

    [Fact]
    public async Task The_browser_notifies_of_news_once_it_is_switched_on_and_allowed_and_of_ends_alone()
    {
        Notifications.All.Add(Completed("n1", "j1", "before"));
        ShowBell(wanted: true, permission: "granted");

        await Notifications.AddAsync(Warning("n2", "j2", "arith"));
        await Notifications.AddAsync(Completed("n3", "j3", "sums"));

        Page.WaitForAssertion(() => Assert.Equal("n3", Assert.Single(_script.Invocations["notify"]).Arguments[0]));
        Assert.Equal("sums is completed", _script.Invocations["notify"][0].Arguments[1]);
    }

    [Theory]
    [InlineData(false, "granted")]
    [InlineData(true, "denied")]
    public async Task The_browser_stays_silent_unless_it_is_both_wanted_and_allowed(bool wanted, string permission)
    {
        ShowBell(wanted, permission);

        await Notifications.AddAsync(Completed("n1", "j1", "arith"));

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Notifications, 1 unread")));
        Assert.Empty(_script.Invocations["notify"]);
    }

    [Fact]
    public void Permission_is_asked_for_on_the_click_and_never_before()
    {
        _script.Setup<BrowserState?>("want", true).SetResult(new([], false, "denied"));
        ShowBell();
        Click("Notifications");
        Assert.Empty(_script.Invocations["want"]);

        Page.Find(".bell-foot input").Change(true);

        Page.WaitForAssertion(() => Assert.Contains("blocks notifications", Page.Markup, StringComparison.Ordinal));
        Assert.Single(_script.Invocations["want"]);
    }

    [Fact]
    public void The_list_closes_by_escape()
    {
        ShowBell();
        Click("Notifications");
        Page.WaitForAssertion(() => Assert.Single(Page.FindAll("[role=dialog]")));

        Page.Find(".bell").KeyDown("Escape");

        Page.WaitForAssertion(() => Assert.Empty(Page.FindAll("[role=dialog]")));
    }

    [Fact]
    public void A_webhook_is_saved_with_the_consoles_address_tested_and_its_secret_never_shown_again()
    {
        Show<WebhookPanel>("/settings");
        Type("Webhook address", "https://hooks.example/rft");
        Click("Save webhook");
        Page.WaitForAssertion(() => Assert.Equal("The webhook is saved.", Text(Page.Find("[role=status]"))));
        Assert.Equal(Navigation.BaseUri, Notifications.Console);
        Click("Make a secret");
        string secret = Field("Webhook secret").GetAttribute("value")!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);

        Click("Save secret");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Remove secret")));
        Assert.Equal(secret, Notifications.Secret);
        Assert.DoesNotContain(secret, Page.Markup, StringComparison.Ordinal);
        Notifications.Outcome = Notifications.Outcome with { Works = false, Message = "it answered 500 Internal Server Error" };
        Click("Send a test");
        Page.WaitForAssertion(() => Assert.Contains("The test was not taken: it answered 500", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_address_keeps_what_was_typed()
    {
        Show<WebhookPanel>("/settings");
        Type("Webhook address", "hooks.example");

        Click("Save webhook");

        Page.WaitForAssertion(() => Assert.Contains("is no address such as", Page.Markup, StringComparison.Ordinal));
        Assert.Equal("hooks.example", Field("Webhook address").GetAttribute("value"));
    }

    private static Notification Completed(string id, string job, string name) => new(id, DateTimeOffset.UtcNow, NotificationKind.JobCompleted, job, name, null, 0.25, 0.9);

    private static Notification Warning(string id, string job, string name) => new(id, DateTimeOffset.UtcNow, NotificationKind.Warning, job, name, "Entropy fell.", null, null);

    private void ShowBell(bool wanted = false, string permission = "default")
    {
        _script.Setup<BrowserState?>("start", _ => true).SetResult(new(_read, wanted, permission));
        Show<NotificationBell>("/");
    }
}
