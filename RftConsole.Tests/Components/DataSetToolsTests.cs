using Bunit;

using RftConsole.Training.Datasets.Inspection;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;

namespace RftConsole.Tests.Components;

/// <summary>Reports on data: of a job, and of a data set in the library.</summary>
public sealed class DataSetToolsTests : PageContext
{
    [Fact]
    public void A_jobs_report_says_what_was_kept_and_what_was_left_out_and_why()
    {
        DataReport report = new(
            12, 1, [new(7, "messages is missing", "{}")], new Dictionary<string, int> { ["longer than maxPromptLength"] = 2 }, [new("r-9", 700, "700 tokens, more than maxPromptLength (512)")],
            TokenStatistics.Of([10, 12, 12, 700, 800], 512), ["12 records: fewer than 100 teach little."], new string('a', 64));
        JobPlanned plan = new(new(), 4, 9, 1, 2, null) { Data = report };

        IRenderedComponent<JobDataReport> shown = Render<JobDataReport>(parameters => parameters.Add(x => x.Plan, plan));

        Assert.Equal(["9", "1", "2", "1"], shown.FindAll(".stat-value").Select(Text));
        Assert.Contains(new string('a', 64), shown.Markup, StringComparison.Ordinal);
        Assert.Contains("2 longer than maxPromptLength.", shown.Markup, StringComparison.Ordinal);
        Assert.Equal(["r-9", "700", "700 tokens, more than maxPromptLength (512)"], shown.FindAll("table[aria-label='Dropped prompts'] tbody td").Select(Text));
        Assert.Contains("5 prompts, 10 to 800 tokens", shown.Find("figcaption").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, shown.FindAll(".bar.over").Count(bar => !bar.GetAttribute("style")!.Contains("height: 0px", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_plan_survives_its_row_with_the_report()
    {
        JobPlanned plan = new(new(), 4, 9, 1, 2, null) { Data = new(1, 0, [], new Dictionary<string, int>(), [], TokenStatistics.Of([3], 5), [], "hash") };

        JobPlanned read = RftConsole.Web.Storage.StoredJson.Read<JobPlanned>(RftConsole.Web.Storage.StoredJson.Write(plan));

        Assert.Equal((3, "hash"), (read.Data!.Tokens.Max, read.Data.ContentHash));
    }

    [Fact]
    public void A_data_set_is_split_and_its_parts_are_named()
    {
        DataSetTools tools = Show();

        Click("Split data set");

        Page.WaitForAssertion(() => Assert.Contains("Training records: 90 in train (training).jsonl. Validation records: 10 in train (validation).jsonl.", Page.Markup, StringComparison.Ordinal));
        Assert.Equal(("up-1", 0.1, 42UL), Assert.Single(DataSets.Splits));
        Assert.NotNull(tools);
    }

    private DataSetTools Show()
    {
        Show<DataSetTools>("/datasets", ("DataSet", DataSets.Add("up-1", "train.jsonl", 100)));
        return Page.FindComponent<DataSetTools>().Instance;
    }
}
