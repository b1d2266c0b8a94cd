using Bunit;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>Judge endpoints on the page Settings.</summary>
public sealed class JudgeEndpointsPanelTests : PageContext
{
    private const string Key = "sk-very-secret";

    [Fact]
    public void An_endpoint_is_added_and_its_key_is_never_shown_again()
    {
        Show<JudgeEndpointsPanel>("/settings");
        Fill();

        Click("Add");

        Page.WaitForAssertion(() => Assert.Contains("stored, encrypted", Page.Markup, StringComparison.Ordinal));
        Assert.Equal(Key, JudgeEndpoints.Keys["e1"]);
        Page.WaitForAssertion(() => Assert.DoesNotContain(Key, Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_field_says_so_beside_it_and_keeps_what_was_typed()
    {
        JudgeEndpoints.Refuse = new FieldInputException("baseUrl", "Base URL: \"judge\" is no address such as https://judge.example/v1.");
        Show<JudgeEndpointsPanel>("/settings");
        Fill();

        Click("Add");

        Page.WaitForAssertion(() => Assert.StartsWith("\"judge\" is no address", ErrorOf("Base URL"), StringComparison.Ordinal));
        Assert.Equal("mine", Field("Name").GetAttribute("value"));
        Assert.Null(ErrorOf("Name"));
    }

    [Fact]
    public async Task A_test_call_says_what_came_of_it()
    {
        await JudgeEndpoints.AddAsync("mine", "http://127.0.0.1:1/v1", "m", null);
        JudgeEndpoints.Outcome = new(false, "The judge m cannot be reached.");
        Show<JudgeEndpointsPanel>("/settings");

        Click("Test mine");

        Page.WaitForAssertion(() => Assert.Equal("The judge m cannot be reached.", Text(Page.Find("[role=status].negative"))));
    }

    [Fact]
    public async Task A_key_is_replaced_without_showing_the_old_one()
    {
        await JudgeEndpoints.AddAsync("mine", "http://127.0.0.1:1/v1", "m", Key);
        Show<JudgeEndpointsPanel>("/settings");
        Click("Change the key of mine");
        Assert.Equal("", Field("New API key").GetAttribute("value") ?? "");
        Type("New API key", "sk-other");

        Click("Save key");

        Page.WaitForAssertion(() => Assert.Equal("sk-other", JudgeEndpoints.Keys["e1"]));
    }

    [Fact]
    public async Task Deleting_is_asked_about()
    {
        await JudgeEndpoints.AddAsync("mine", "http://127.0.0.1:1/v1", "m", Key);
        Show<JudgeEndpointsPanel>("/settings");
        Click("Delete mine");
        Assert.Single(await JudgeEndpoints.ListAsync());

        Click("Delete");

        Page.WaitForAssertion(() => Assert.DoesNotContain("127.0.0.1", Page.Markup, StringComparison.Ordinal));
    }

    private void Fill()
    {
        Click("Add endpoint");
        Type("Name", "mine");
        Type("Base URL", "judge");
        Type("Model", "m");
        Type("API key", Key);
    }
}
