using Bunit;

using RftConsole.Web.Api.Keys;
using RftConsole.Web.Components.Controls;

namespace RftConsole.Tests.Components;

/// <summary>API keys on the page Settings.</summary>
public sealed class ApiKeysPanelTests : PageContext
{
    [Fact]
    public void A_key_is_shown_once_and_never_again()
    {
        Show<ApiKeysPanel>("/settings");
        Click("Create API key");
        Page.WaitForAssertion(() => Assert.Contains("chat completions", Page.Markup, StringComparison.Ordinal));
        Field("Name").Input("pipeline");

        Click("Create");

        Page.WaitForAssertion(() => Assert.Equal("rft-secret-1", Field("API key").GetAttribute("value")));
        Click("Done");
        Page.WaitForAssertion(() => Assert.DoesNotContain("rft-secret-1", Page.Markup, StringComparison.Ordinal));
        Assert.Contains("pipeline", Page.Markup, StringComparison.Ordinal);
        Assert.Equal((ApiScopes.All, true), (ApiKeys.All[0].Scopes, ApiKeys.All[0].ExpiresAt is not null));
    }

    [Fact]
    public void What_was_refused_is_said_and_what_was_typed_stays()
    {
        ApiKeys.Refuse = "Name: give 1 to 100 characters that say what the key is for.";
        Show<ApiKeysPanel>("/settings");
        Click("Create API key");
        Page.WaitForAssertion(() => Assert.Contains("chat completions", Page.Markup, StringComparison.Ordinal));
        Field("Name").Input("x");

        Click("Create");

        Page.WaitForAssertion(() => Assert.Contains("that say what the key is for", Page.Markup, StringComparison.Ordinal));
        Assert.Equal("x", Field("Name").GetAttribute("value"));
    }

    [Fact]
    public void A_revoked_key_stays_in_the_list_with_its_usage_and_cannot_be_revoked_again()
    {
        ApiKeys.All.Add(new("k1", "old", "rft-abcd", ApiScopes.Inference, 60, DateTimeOffset.UnixEpoch, null, null, null));
        Usage.Hours.Add(new("k1", "d1", DateTimeOffset.UtcNow, 3, 0, 1000, 234));
        Show<ApiKeysPanel>("/settings");
        Page.WaitForAssertion(() => Assert.Contains("1,234", Page.Markup, StringComparison.Ordinal));

        Click("Revoke old");
        Click("Revoke");

        Page.WaitForAssertion(() => Assert.Contains("revoked", Page.Markup, StringComparison.Ordinal));
        Assert.Empty(Page.FindAll("button[aria-label='Revoke old']"));
    }
}
