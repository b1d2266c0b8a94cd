using Bunit;

using RftConsole.Web.Components.Pages;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components;

/// <summary>The page of one data set.</summary>
public sealed class DataSetPageTests : PageContext
{
    [Fact]
    public void A_deleted_record_is_gone_until_the_deletion_is_undone()
    {
        ShowSet();
        Assert.Equal("3 lines", Status());

        Click("Delete line 2");

        Page.WaitForAssertion(() => Assert.Contains("Line 2 was deleted. Version 2 is current.", Page.Markup, StringComparison.Ordinal));
        Page.WaitForAssertion(() => Assert.Equal("2 lines", Status()));
        Assert.DoesNotContain("second", Page.Markup, StringComparison.Ordinal);
        Click("Undo");
        Page.WaitForAssertion(() => Assert.Equal("3 lines", Status()));
        Page.WaitForAssertion(() => Assert.Contains("second", Page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("was deleted", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_is_edited_as_JSON_and_the_versions_say_what_changed()
    {
        ShowSet();
        Click("Edit line 1");
        Type("Training record", "{\"messages\": []}");
        Click("Save as new version");
        Page.WaitForAssertion(() => Assert.Contains("This is no training record", ErrorOf("Training record"), StringComparison.Ordinal));
        Type("Training record", Line("FIRST"));
        Click("Save as new version");
        Page.WaitForAssertion(() => Assert.Contains("Line 1 was edited. Version 2 is current.", Page.Markup, StringComparison.Ordinal));

        Navigation.NavigateTo("/datasets/up-1?tab=versions");
        Click("Line 1 of version 1 edited");

        Assert.Equal(["2Current", "1"], Page.FindAll("td[data-label=Version]").Select(cell => string.Join(' ', Text(cell).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains(Page.FindAll(".diff-added"), row => Text(row).Contains("FIRST", StringComparison.Ordinal));
        Click("Open version 1");
        Assert.EndsWith("version=1", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_version_is_shown_as_it_was_and_cannot_be_edited()
    {
        UploadedDataSet first = Versions.Add("up-1", "train.jsonl", Line("first"), Line("second"));
        await Versions.EditAsync(first, 1, null, Xunit.TestContext.Current.CancellationToken);
        Versions.Users["up-1"] = [new("j1", "early job", 1)];

        Show<DataSetPage>("/datasets/up-1?version=1", ("Id", "up-1"));

        Page.WaitForAssertion(() => Assert.Contains("first", Page.Markup, StringComparison.Ordinal));
        Assert.Null(FindButton("Edit line 1"));
        Assert.Contains("dataset=up-1&amp;version=1", Page.Markup, StringComparison.Ordinal);
        Navigation.NavigateTo("/datasets/up-1?tab=versions");
        Assert.Contains(Page.FindAll("td[data-label=Jobs] a"), link => Text(link) == "early job");
        Click("Make version 1 current");
        Page.WaitForAssertion(() => Assert.Contains("Version 1 · 2 rows", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_looked_for_stands_in_the_address_and_is_marked()
    {
        ShowSet();

        Type("Search records", "SECOND");

        Page.WaitForAssertion(() => Assert.Equal("1 of 3 lines match", Status()));
        Assert.EndsWith("search=SECOND", Address, StringComparison.Ordinal);
        Assert.Equal("second", Text(Page.Find("mark")));
    }

    [Fact]
    public void A_data_set_that_is_gone_says_so()
    {
        Show<DataSetPage>("/datasets/nowhere", ("Id", "nowhere"));

        Assert.Contains("This data set does not exist", Headings());
    }

    private static string Line(string content) => $$"""{"messages":[{"role":"user","content":"{{content}}"}]}""";

    private void ShowSet()
    {
        Versions.Add("up-1", "train.jsonl", Line("first"), Line("second"), Line("third"));
        Show<DataSetPage>("/datasets/up-1", ("Id", "up-1"));
        Page.WaitForAssertion(() => Assert.Contains("third", Page.Markup, StringComparison.Ordinal));
    }

    private string Status() => Text(Page.Find(".section-head [role=status]"));
}
