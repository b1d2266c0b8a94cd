using Bunit;

using MudBlazor;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>The page of one reward function: editor and versions.</summary>
public sealed class RewardPageTests : PageContext
{
    private readonly RewardEntry _entry;

    public RewardPageTests()
    {
        RewardCode.Kept["/one.py"] = "a = 1\nb = 2\n";
        RewardCode.Kept["/two.py"] = "a = 1\nb = 3\n";
        _entry = RewardLibrary.Add("mine", Code("/one.py"), Code("/two.py"));
    }

    [Fact]
    public async Task An_edit_is_saved_as_a_new_version()
    {
        ShowPage();
        Assert.True(FindButton("Save as version 3")!.HasAttribute("disabled"));

        await WriteAsync("a = 4\n");
        Type("What changed", "a is 4");
        Click("Save as version 3");

        RewardVersion saved = RewardLibrary[_entry.Reward.Id].Latest;
        Assert.Equal((3, "a is 4"), (saved.Number, saved.Note));
        Assert.Equal("a = 4\n", RewardCode.Kept[saved.Specification.File!]);
        Assert.Contains("Version 3 is saved.", Page.Markup, StringComparison.Ordinal);
        Assert.True(FindButton("Save as version 4")!.HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_problem_is_marked_while_one_types_and_gone_when_it_is_mended()
    {
        RewardCode.Problem = new("SyntaxError: invalid syntax (line 2)", 2, 5);
        ShowPage();

        await WriteAsync("def\n");

        Assert.Contains("SyntaxError: invalid syntax (line 2)", Page.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Page.WaitForAssertion(() => Assert.NotEmpty(Editor.Invocations["mark"]));
        RewardCode.Problem = null;
        await WriteAsync("def lambda_handler(event, context): return []\n");
        Assert.Contains("The code can be used.", Page.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_are_installed_shown_and_saved_with_the_code()
    {
        ShowPage();

        Field("Packages (requirements.txt)").Change("numpy==2.3.4\n");
        Page.WaitForAssertion(() => Assert.Contains("Installed: numpy 2.3.4", Page.Markup, StringComparison.Ordinal));
        Click("Save as version 3");

        RewardFunctionSpecification saved = RewardLibrary[_entry.Reward.Id].Latest.Specification;
        Assert.Equal(("a = 1\nb = 3\n", "numpy==2.3.4"), (RewardCode.Kept[saved.File!], RewardCode.Kept[saved.Requirements!]));
    }

    [Fact]
    public async Task Packages_that_cannot_be_installed_are_said_and_not_tried_again_with_every_word()
    {
        RewardCode.RefusePackages = "packages 'requirements.txt' cannot be installed: No matching distribution found for nosuch.";
        ShowPage();
        Field("Packages (requirements.txt)").Change("nosuch");
        Page.WaitForAssertion(() => Assert.Contains("No matching distribution found", Page.Find("[role=status]").TextContent, StringComparison.Ordinal));

        await WriteAsync("a = 5\n");
        await WriteAsync("a = 6\n");

        Assert.Single(RewardCode.Installations);
        Click("Check");
        Page.WaitForAssertion(() => Assert.Equal(2, RewardCode.Installations.Count));
    }

    [Fact]
    public void A_version_is_restored_into_the_editor_and_saved_as_the_latest()
    {
        ShowPage("?tab=versions");

        Click("Restore version 1");
        Page.WaitForAssertion(() => Assert.False(FindButton("Save as version 3")!.HasAttribute("disabled")));
        Click("Save as version 3");

        RewardVersion saved = RewardLibrary[_entry.Reward.Id].Latest;
        Assert.Equal((3, "Back to version 1"), (saved.Number, saved.Note));
        Assert.Equal("a = 1\nb = 2\n", RewardCode.Kept[saved.Specification.File!]);
    }

    [Fact]
    public async Task News_of_the_library_leave_the_text_that_is_written()
    {
        ShowPage();
        await WriteAsync("mine = True\n");

        await RewardLibrary.SaveAsync(_entry.Reward.Id, Code("/one.py"), "by another page");
        await RewardLibrary.News.TellAsync();

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Save as version 4")));
        Click("Save as version 4");
        Assert.Equal("mine = True\n", RewardCode.Kept[RewardLibrary[_entry.Reward.Id].Latest.Specification.File!]);
    }

    [Fact]
    public async Task Leaving_with_unsaved_changes_is_asked_about()
    {
        ShowPage();
        await WriteAsync("mine = True\n");

        Navigation.NavigateTo("/jobs");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Stay")));
        Click("Stay");

        Page.WaitForAssertion(() => Assert.Null(FindButton("Stay")));
        Assert.Equal("/rewards/" + _entry.Reward.Id, Address);
    }

    [Fact]
    public void The_address_shows_a_version_with_the_jobs_that_ran_it()
    {
        RewardLibrary.Users[_entry.Reward.Id] = [new("job-1", "first-job", 1)];
        ShowPage("?tab=versions&version=1");

        Assert.Equal("a = 1\nb = 2\n", Page.Find("[aria-label='Version 1'] code").TextContent);
        Assert.Equal("first-job", Text(Page.Find("a[href='/jobs/job-1']")));
    }

    [Fact]
    public void A_new_name_is_shown_and_a_refused_one_said()
    {
        ShowPage();
        Click("Rename");
        Page.WaitForAssertion(() => Assert.Equal("mine", Field("Name").GetAttribute("value")));
        RewardLibrary.RefuseName = "Name: there is a reward function \"other\" already; choose another name.";
        Type("Name", "other");
        Page.FindAll(".mud-dialog button").Single(button => Text(button) == "Rename").Click();
        Page.WaitForAssertion(() => Assert.StartsWith("there is a reward function", ErrorOf("Name"), StringComparison.Ordinal));

        RewardLibrary.RefuseName = null;
        Page.FindAll(".mud-dialog button").Single(button => Text(button) == "Rename").Click();

        Page.WaitForAssertion(() => Assert.Contains("other", Headings("h1")));
    }

    [Fact]
    public void A_function_that_is_gone_is_said_so()
    {
        Show<RewardPage>("/rewards/nobody", ("Id", "nobody"));

        Assert.Contains("This reward function does not exist", Headings("h1"));
    }

    private static RewardFunctionSpecification Code(string file) => new() { File = file };

    [Fact]
    public async Task The_last_tab_that_goes_with_the_page_is_no_fault()
    {
        ShowPage("?tab=probes");

        await Page.InvokeAsync(() => Page.FindComponent<MudTabs>().Instance.ActivePanelIndexChanged.InvokeAsync(-1));

        Assert.Contains("tab=probes", Navigation.Uri, StringComparison.Ordinal);
    }

    private void ShowPage(string query = "") => Show<RewardPage>($"/rewards/{_entry.Reward.Id}{query}", ("Id", _entry.Reward.Id));

    private Task WriteAsync(string text) => Page.InvokeAsync(() => Page.FindComponent<CodeEditor>().Instance.OnPart(0, 1, text));
}
