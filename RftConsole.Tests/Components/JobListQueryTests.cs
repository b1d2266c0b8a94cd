using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.JobList;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>What the table of jobs shows, and in which order.</summary>
public sealed class JobListQueryTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_address_without_values_is_the_whole_list_newest_first()
    {
        JobListQuery query = JobListQuery.From(null, null, null, null, null, null, null, null);

        Assert.Equal((JobColumn.Created, true, 1, false), (query.Sort, query.IsFalling, query.Page, query.IsFiltered));
        Assert.Equal(JobColumns.Default, query.Columns);
        Assert.All(query.ToParameters(), value => Assert.True(value.Value is null or string[] { Length: 0 }));
    }

    [Fact]
    public void What_an_address_says_is_what_it_is_written_as_again()
    {
        JobListQuery query = JobListQuery.From("arith", ["Failed", "Completed"], ["owner/a,b"], ["team: demo", "urgent"], "reward", "asc", "tags,status,nothing", "3");

        Dictionary<string, object?> written = query.ToParameters();
        JobListQuery again = JobListQuery.From(
            (string?)written["search"], (string[]?)written["status"], (string[]?)written["model"], (string[]?)written["tag"], (string?)written["sort"], (string?)written["order"], (string?)written["columns"], written["page"]?.ToString());

        Assert.Equivalent(query, again, strict: true);
        Assert.Equal([JobColumn.Name, JobColumn.Status, JobColumn.Tags], query.Columns);
        Assert.Equal([JobStatus.Completed, JobStatus.Failed], query.Statuses);
        Assert.Equal(3, query.Page);
    }

    [Theory]
    [InlineData("1e9")]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("99999999999")]
    public void What_an_address_says_and_nobody_understands_is_left_out(string page)
    {
        JobListQuery query = JobListQuery.From(" ", ["Done", "2"], null, null, "colour", "sideways", "colour", page);

        Assert.Equivalent(new JobListQuery { Columns = [JobColumn.Name] }, query, strict: true);
    }

    [Fact]
    public void Search_status_and_base_model_leave_jobs_out()
    {
        JobSummary job = Job("Arith-7", JobStatus.Failed) with { CustomModelName = "sums-tuned", BaseModel = "starter" };

        Assert.True(new JobListQuery { Search = "ITH-7" }.Matches(job));
        Assert.True(new JobListQuery { Search = "sums" }.Matches(job));
        Assert.False(new JobListQuery { Search = "json" }.Matches(job));
        Assert.True(new JobListQuery { Statuses = [JobStatus.Completed, JobStatus.Failed] }.Matches(job));
        Assert.False(new JobListQuery { Statuses = [JobStatus.Completed] }.Matches(job));
        Assert.True(new JobListQuery { BaseModels = ["other", "starter"] }.Matches(job));
        Assert.False(new JobListQuery { BaseModels = ["other"] }.Matches(job));
    }

    [Theory]
    [InlineData(true, "team: a")]
    [InlineData(true, "team: a", "team: b")]
    [InlineData(true, "team: b", "team: a", "urgent")]
    [InlineData(false, "team: b")]
    [InlineData(false, "team: a", "stage: live")]
    [InlineData(false, "urgent: a")]
    public void Of_one_tag_s_values_a_job_needs_one_and_of_several_tags_all(bool matches, params string[] tags)
    {
        JobSummary job = Job("one") with { Tags = new Dictionary<string, string> { ["team"] = "a", ["urgent"] = "" } };

        Assert.Equal(matches, new JobListQuery { Tags = tags }.Matches(job));
    }

    [Fact]
    public void A_second_click_turns_the_order_and_another_column_begins_in_its_own()
    {
        JobListQuery byGain = new JobListQuery { Page = 4 }.SortedBy(JobColumn.Gain);
        Assert.Equal((JobColumn.Gain, true, 1), (byGain.Sort, byGain.IsFalling, byGain.Page));
        Assert.False(byGain.SortedBy(JobColumn.Gain).IsFalling);
        Assert.False(byGain.SortedBy(JobColumn.Name).IsFalling);
    }

    [Theory]
    [InlineData(JobColumn.Name, false, "run-2 run-10 Run-30")]
    [InlineData(JobColumn.Name, true, "Run-30 run-10 run-2")]
    [InlineData(JobColumn.Status, false, "run-10 Run-30 run-2")]
    [InlineData(JobColumn.Gain, true, "run-2 run-10 Run-30")]
    [InlineData(JobColumn.Gain, false, "run-10 run-2 Run-30")]
    [InlineData(JobColumn.TimeLeft, false, "run-10 run-2 Run-30")]
    [InlineData(JobColumn.Reward, true, "Run-30 run-10 run-2")]
    [InlineData(JobColumn.Reward, false, "run-10 Run-30 run-2")]
    [InlineData(JobColumn.Duration, true, "Run-30 run-2 run-10")]
    [InlineData(JobColumn.Phase, false, "Run-30 run-10 run-2")]
    [InlineData(JobColumn.Tags, false, "Run-30 run-2 run-10")]
    [InlineData(JobColumn.Disk, true, "run-2 Run-30 run-10")]
    [InlineData(JobColumn.Created, true, "run-2 run-10 Run-30")]
    [InlineData(JobColumn.Created, false, "Run-30 run-10 run-2")]
    public void Each_column_orders_the_jobs_and_those_without_a_value_come_last(JobColumn column, bool falling, string expected)
    {
        JobSummary[] jobs =
        [
            Job("run-2", JobStatus.Completed) with { BaselineAccuracy = 0.2, BestAccuracy = 0.9, TimeLeft = null, CreatedAt = s_now.AddHours(-1), StartedAt = s_now.AddHours(-1), FinishedAt = s_now.AddMinutes(-30), Phase = JobPhase.Training, StepsDone = 40, Tags = new Dictionary<string, string> { ["team"] = "b" }, Bytes = 9 },
            Job("run-10") with { BaselineAccuracy = 0.5, BestAccuracy = 0.6, TimeLeft = TimeSpan.FromSeconds(9), CreatedAt = s_now.AddHours(-2), StartedAt = s_now.AddMinutes(-1), FinishedAt = null, Phase = JobPhase.Training, StepsDone = 9, Tags = new Dictionary<string, string>(), Bytes = 1 },
            Job("Run-30", JobStatus.Stopped) with { BaselineAccuracy = 0.5, BestAccuracy = null, TimeLeft = null, CreatedAt = s_now.AddHours(-3), StartedAt = s_now.AddHours(-3), FinishedAt = s_now.AddHours(-1), Phase = JobPhase.Validation, StepsDone = 0, Tags = new Dictionary<string, string> { ["team"] = "a" }, Bytes = 5 },
        ];
        Dictionary<string, double> rewards = new() { ["run-10"] = 0.1, ["Run-30"] = 0.8 };

        IReadOnlyList<JobSummary> sorted = JobColumns.Sort(jobs, column, falling, job => rewards.TryGetValue(job.Name, out double reward) ? reward : null, s_now);

        Assert.Equal(expected, string.Join(' ', sorted.Select(job => job.Name)));
    }

    [Fact]
    public void Every_column_is_found_by_its_key_and_can_order_the_jobs()
    {
        foreach (JobColumn column in JobColumns.All)
        {
            Assert.Equal(column, JobColumns.Find(JobColumns.Key(column)));
            Assert.Equal(2, JobColumns.Sort([Job("a"), Job("b", JobStatus.Queued)], column, false, _ => null, s_now).Count);
        }
    }

    private static JobSummary Job(string name, JobStatus status = JobStatus.InProgress) => SampleJob.Make(name, status).Summary with { Name = name };
}
