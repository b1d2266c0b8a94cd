using AngleSharp.Dom;

using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>The page of jobs: what the address shows, selection, and what is done to several jobs at once.</summary>
public sealed class JobsPageTests : PageContext
{
    [Fact]
    public void Without_jobs_the_page_leads_to_the_first()
    {
        Show<JobsPage>("/jobs");

        Assert.Equal("/jobs/create", Page.Find(".empty-state a").GetAttribute("href"));
        Assert.Empty(Page.FindAll("table"));
    }

    [Fact]
    public void The_columns_tell_of_a_job_that_runs()
    {
        Add("a", JobStatus.InProgress);
        Jobs.AddMetrics("a", Step(1, 0.125), Step(2, 0.5), Step(3, 0.25));
        Show<JobsPage>("/jobs");

        Assert.Equal(["Job name", "Status", "Phase", "Base model", "Reward", "Accuracy gain", "Time left", "Created", "Duration", "Tags"], Page.FindAll("thead th").Skip(1).Select(Text));
        Assert.Equal("In progress", Cell("a", "Status"));
        Assert.Equal(("12", "40"), (Page.Find("[role=progressbar][aria-label='Steps of a']").GetAttribute("aria-valuenow"), Page.Find("[role=progressbar]").GetAttribute("aria-valuemax")));
        Assert.Equal("Reward from 0.13 at step 1 to 0.25 at step 3, lowest 0.13, highest 0.5", Page.Find(".sparkline [role=img]").GetAttribute("aria-label"));
        Assert.StartsWith("+27 points", Cell("a", "Accuracy gain"), StringComparison.Ordinal);
        Assert.Equal("2 min 5 s", Cell("a", "Time left"));
        Assert.Equal("team: demo", Cell("a", "Tags"));
    }

    [Fact]
    public void An_address_shows_what_it_says()
    {
        Add("arith-1", JobStatus.Completed);
        Add("arith-2", JobStatus.Failed);
        Add("json-1", JobStatus.Completed, "b");

        Show<JobsPage>("/jobs?search=arith&status=Completed&status=Failed&tag=team%3A%20demo&sort=name&order=desc&columns=status");

        Assert.Equal(["arith-2", "arith-1"], Names());
        Assert.Equal(["Job name", "Status"], Page.FindAll("thead th").Skip(1).Select(Text));
        Assert.Equal("descending", Page.FindAll("th").Single(head => Text(head) == "Job name").GetAttribute("aria-sort"));
        Assert.Equal("arith", Field("Search by name").GetAttribute("value"));
        Assert.Contains("2 of 3 jobs", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_is_a_step_of_the_address_and_so_of_the_way_back()
    {
        Add("a", JobStatus.Completed);
        Add("b", JobStatus.Failed);
        Show<JobsPage>("/jobs?page=2");

        Choose("Status", "Failed 1");

        Assert.Equal("/jobs?status=Failed", Address);
        Assert.Equal(["b"], Names());
        Choose("Columns", "Tags");
        Assert.Equal("/jobs?status=Failed&columns=name,status,phase,baseModel,reward,gain,timeLeft,created,duration", Uri.UnescapeDataString(Address));
        Click("Clear the filters");
        Assert.Equal(2, Names().Length);
        Assert.DoesNotContain("status=", Address, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headings_are_links_to_the_same_page_in_their_order()
    {
        Add("a", JobStatus.Completed);
        Show<JobsPage>("/jobs?search=a");

        Assert.Equal("/jobs?search=a&sort=gain", Page.FindAll("thead a").Single(link => Text(link) == "Accuracy gain").GetAttribute("href"));
        Assert.Equal("/jobs?search=a&order=asc", Page.FindAll("thead a").Single(link => Text(link) == "Created").GetAttribute("href"));
    }

    [Fact]
    public void Where_nothing_matches_the_filters_can_be_cleared()
    {
        Add("a", JobStatus.Completed);
        Show<JobsPage>("/jobs?search=zebra&sort=name");

        Assert.Contains("No job matches", Page.Markup, StringComparison.Ordinal);
        Click("Clear the filters");

        Assert.Equal("/jobs?sort=name", Address);
        Assert.Equal(["a"], Names());
    }

    [Fact]
    public void Long_lists_have_pages_and_one_that_is_no_more_is_the_last()
    {
        for (int index = 1; index <= 120; index++)
        {
            Add($"job-{index}", JobStatus.Completed);
        }

        Show<JobsPage>("/jobs?sort=name&page=9");

        Assert.Equal("101–120 of 120", Text(Page.Find(".pager .muted")));
        Assert.Equal(20, Names().Length);
        Click("Previous page");
        Assert.Equal("/jobs?sort=name&page=2", Address);
        Assert.Equal("job-51", Names()[0]);
    }

    [Fact]
    public void Several_jobs_are_deleted_after_a_question_that_says_which_cannot_be()
    {
        Add("done", JobStatus.Completed);
        Add("lost", JobStatus.Failed);
        Add("busy", JobStatus.InProgress);
        Show<JobsPage>("/jobs");
        Select("done", "lost", "busy");

        Click("Delete");
        IElement dialog = Page.WaitForElement("[role=dialog]");
        Assert.Equal("Delete 2 jobs?", Text(dialog.QuerySelector("h2")!));
        Assert.Equal(["done", "lost"], dialog.QuerySelectorAll("ul[aria-label='To be deleted'] strong").Select(Text).Order());
        Assert.Equal("busy is in progress: stop it first", Flat(dialog.QuerySelector("ul[aria-label='Cannot be deleted'] li")!));
        Assert.Empty(Jobs.Deleted);
        dialog.QuerySelectorAll("button").Single(button => Text(button) == "Delete 2 jobs").Click();

        Page.WaitForAssertion(() => Assert.Contains("2 jobs deleted.", Page.Markup, StringComparison.Ordinal));
        Assert.Equal(["done", "lost"], Jobs.Deleted.Order());
        Assert.Equal(["busy"], Names());
    }

    [Fact]
    public void Where_none_of_the_selected_jobs_can_be_stopped_there_is_nothing_to_agree_to()
    {
        Add("done", JobStatus.Completed);
        Show<JobsPage>("/jobs");
        Select("done");

        Click("Stop");
        IElement dialog = Page.WaitForElement("[role=dialog]");

        Assert.Equal("This job cannot be stopped", Text(dialog.QuerySelector("h2")!));
        Assert.Equal(["Close"], dialog.QuerySelectorAll("button").Select(Text));
        Assert.Contains("has ended: Completed", dialog.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_refuses_is_named_and_the_others_are_stopped()
    {
        Add("one", JobStatus.InProgress);
        Add("two", JobStatus.Queued);
        Jobs.RefuseStop = ("one", "The job \"one\" cannot be stopped: it is completed.");
        Show<JobsPage>("/jobs");
        Select("one", "two");

        Click("Stop");
        Page.WaitForElement("[role=dialog]").QuerySelectorAll("button").Single(button => Text(button) == "Stop 2 jobs").Click();

        Page.WaitForAssertion(() => Assert.Contains("1 job stopped.", Page.Markup, StringComparison.Ordinal));
        Assert.Contains("The job \"one\" cannot be stopped: it is completed.", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        Assert.Equal(["two"], Jobs.Stopped);
    }

    [Fact]
    public void Tags_are_given_to_several_jobs_and_taken_from_those_that_have_them()
    {
        Add("one", JobStatus.Completed);
        Add("two", JobStatus.Completed);
        Jobs["two"] = Jobs["two"] with { Summary = Jobs["two"].Summary with { Tags = new Dictionary<string, string> { ["old"] = "" } } };
        Show<JobsPage>("/jobs");
        Select("one", "two");

        Click("Tags", within: ".bulk-bar");
        Page.WaitForElement("[role=dialog]");
        Assert.Equal(["old (1 of 2)", "team: demo (1 of 2)"], Page.FindAll(".tag-list .tag").Select(tag => Text(tag).TrimEnd('×')));
        Page.Find("[aria-label='Remove tag old']").Click();
        Type("Tag key", "stage");
        Type("Tag value (optional)", "live");
        Click("Save");

        Page.WaitForAssertion(() => Assert.Contains("2 jobs tagged.", Page.Markup, StringComparison.Ordinal));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "demo", ["stage"] = "live" }, Jobs["one"].Summary.Tags);
        Assert.Equal(new Dictionary<string, string> { ["stage"] = "live" }, Jobs["two"].Summary.Tags);
    }

    [Fact]
    public void What_a_filter_takes_out_of_sight_is_not_selected_any_more()
    {
        Add("one", JobStatus.Completed);
        Add("two", JobStatus.Failed);
        Show<JobsPage>("/jobs");
        Select("one", "two");
        Assert.Contains("2 jobs selected", Page.Markup, StringComparison.Ordinal);

        Choose("Status", "Failed 1");

        Page.WaitForAssertion(() => Assert.Contains("1 job selected", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void All_that_match_can_be_selected_on_every_page_of_the_list()
    {
        for (int index = 1; index <= 60; index++)
        {
            Add($"job-{index}", JobStatus.Completed);
        }

        Show<JobsPage>("/jobs");
        Page.Find(".jobs-select input").Change(true);
        Assert.Contains("50 jobs selected", Page.Markup, StringComparison.Ordinal);
        Click("Select all 60");

        Assert.Contains("60 jobs selected", Page.Markup, StringComparison.Ordinal);
        Click("Clear selection");
        Assert.Empty(Page.FindAll(".bulk-bar"));
    }

    [Fact]
    public async Task News_change_the_row_of_their_job()
    {
        Add("a", JobStatus.InProgress);
        Show<JobsPage>("/jobs");

        Jobs["a"] = Jobs["a"] with { Summary = Jobs["a"].Summary with { StepsDone = 30, TimeLeft = TimeSpan.FromSeconds(12) } };
        await Jobs.News.TellAsync();

        Assert.Contains("30/40 steps", Cell("a", "Phase"), StringComparison.Ordinal);
        Assert.Equal("12 s", Cell("a", "Time left"));
    }

    [Fact]
    public void Tags_are_changed_on_the_page_of_a_job()
    {
        Add("a", JobStatus.Completed);
        Show<JobPage>("/jobs/a", (nameof(JobPage.Id), "a"));

        Click("Edit tags");
        Page.WaitForElement("[role=dialog]");
        Page.Find("[aria-label='Remove tag team']").Click();
        Type("Tag key", "keep");
        Click("Add tag");
        Click("Save");

        Page.WaitForAssertion(() => Assert.Equal(["keep"], Page.FindAll(".job-tags .tag").Select(Text)));
        Assert.Equal(["keep"], Jobs["a"].Summary.Tags.Keys);
    }

    private void Add(string name, JobStatus status, string? team = null)
    {
        JobDetails job = SampleJob.Make(name, status);
        Jobs[name] = job with
        {
            Summary = job.Summary with
            {
                Name = name,
                CustomModelName = name + "-tuned",
                Phase = JobPhase.Training,
                Tags = team is null ? job.Summary.Tags : new Dictionary<string, string> { ["team"] = team },
            },
        };
    }

    private static StepMetrics Step(int step, double reward) => new(step, new Dictionary<string, double> { [MetricNames.Reward] = reward });

    private string[] Names() => [.. Page.FindAll("tbody [data-label='Job name']").Select(Text)];

    private string Cell(string job, string column) => Flat(Page.FindAll("tbody tr").Single(row => Text(row.QuerySelector(".row-link")!) == job).QuerySelector($"[data-label='{column}']")!);

    private static string Flat(IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private void Select(params string[] names)
    {
        foreach (string name in names)
        {
            Page.Find($"[aria-label='Select {name}']").Change(true);
        }
    }

    private void Choose(string menu, string choice)
    {
        Page.FindAll(".choice-button").Single(button => Text(button).StartsWith(menu, StringComparison.Ordinal)).Click();
        Page.FindAll(".choice-list label").Single(label => Flat(label).Replace(" ", "", StringComparison.Ordinal) == choice.Replace(" ", "", StringComparison.Ordinal)).QuerySelector("input")!.Change(true);
        Page.Find(".choice-ground").Click();
    }

    private void Click(string button, string within) => Page.FindAll($"{within} button").Single(element => Text(element) == button).Click();
}
