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
}
