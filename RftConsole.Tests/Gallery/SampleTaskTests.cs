using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Starter;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Gallery;

/// <summary>The sample tasks and what is measured of them.</summary>
public sealed class SampleTaskTests
{
    public static TheoryData<string> Names => [.. SampleTasks.Known.Select(task => task.Data.Name)];

    [Fact]
    public void Each_of_the_seven_templates_has_one_task()
    {
        Assert.Equal(RewardTemplates.All.Take(7).Select(template => template.Name), SampleTasks.Known.Select(task => task.Data.RewardTemplate));
        Assert.Equal(4, SampleTasks.Known.Count(task => task.IsJudged));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_job_of_a_task_is_one_that_runs(string name)
    {
        JobSpecification job = SampleTasks.Of(name).Job("a", 7);
        var model = await TestEngine.Models.LoadAsync(BaseModels.Starter);

        RewardSpecificationRules.Check(job.RewardFunction);
        HyperparameterRules.Check(job.Hyperparameters, model.Decoder.Config.ContextLength);
        Assert.Equal(7, job.Hyperparameters.Seed);
        string file = JobSpecificationFile.Serialize(job);
        Assert.Equal(file, JobSpecificationFile.Serialize(JobSpecificationFile.Parse(file, "job.json")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_record_of_a_task_is_accepted_and_has_the_facts_to_check_by(string name)
    {
        SampleDataSet set = SampleTasks.Of(name).Data;
        foreach (string file in new[] { set.TrainingFile, set.ValidationFile, set.TestFile })
        {
            var report = TrainingRecordReader.Read(file);
            Assert.Empty(report.Rejected);
            Assert.All(report.Accepted, record => Assert.False(IndependentCheck.Of(name).IsRight(Grading.Sample(record, 0, "no answer"))));
        }
    }

    [Fact]
    public void A_task_that_there_is_not_is_named_with_those_that_there_are() =>
        Assert.Contains("\"poems\"; there are arithmetic", Assert.Throws<UserInputException>(() => SampleTasks.Of("poems")).Message);

    [Fact]
    public void A_record_without_facts_cannot_be_checked()
    {
        RewardSample sample = new("r1:0", [new ChatMessage("user", "1+1"), new ChatMessage("assistant", "2")], null, []);

        Assert.Contains("r1:0", Assert.Throws<UserInputException>(() => IndependentCheck.Of("arithmetic").IsRight(sample)).Message);
    }

    [Fact]
    public void The_report_has_means_ranges_and_the_noise_of_the_control()
    {
        SampleTask task = SampleTasks.Of("dialogs");
        GalleryRun Run(long seed, double greedy, double other) => new("dialogs", seed, new(greedy, 0.8), new Dictionary<string, double> { ["lists"] = other }, 60, 1000, 0.95);
        GalleryRow row = new(task, new(0.4, 0.3), [Run(42, 0.8, 0.5), Run(43, 0.9, 0.4)], Run(42, 0.41, 0.5));
        GalleryReport report = new([row], new Dictionary<string, TaskAccuracy> { ["lists"] = new(0.5, 0.5), ["dialogs"] = new(0.4, 0.3) });

        Assert.Equal(0.85, row.Tuned, 9);
        Assert.Equal(1.125, row.RelativeGain, 9);
        Assert.Equal(1.125, report.MeanRelativeGain, 9);
        Assert.Equal(-0.05, report.OtherTasks(row), 9);
        Assert.Equal(2 * Math.Sqrt(2 * 0.4 * 0.6 / 200), GalleryReport.Noise(0.4), 9);
        string[] lines = report.Markdown().Split('\n');
        Assert.Contains("| 40.0 % | 85.0 % (80.0 % to 90.0 %) | +113 % | 30.0 % → 80.0 % | 95.0 % | -5.0 points |", lines[2]);
        Assert.Contains("dialogs, shuffled", lines[3]);
        Assert.Contains("+1.0 points; noise is ±9.8", lines[3]);
    }
}
