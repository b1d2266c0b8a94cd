using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Wizard;

namespace RftConsole.Tests.Components;

/// <summary>What the wizard takes as a reward function when a sample task is chosen.</summary>
public sealed class RewardChoiceTests
{
    public static TheoryData<string> Tasks => [.. SampleTasks.All.Select(task => task.Data.Name)];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_sample_task_brings_its_own_reward(string name)
    {
        RewardChoice choice = new();

        choice.TakeSample(SampleTasks.Of(name));

        Assert.Equal(SampleTasks.Of(name).RewardFunction, choice.ToSpecification());
        Assert.True(choice.IsTemplate);
        Assert.Null(choice.Check());
    }

    [Fact]
    public void A_sample_s_judge_is_no_template_any_more_once_it_is_changed()
    {
        RewardChoice choice = new();
        choice.TakeSample(SampleTasks.Of("dialogs"));

        choice.Draft.Specification = choice.Draft.Specification with { Instructions = "Is it short?" };

        Assert.False(choice.IsTemplate);
    }

    [Fact]
    public void A_sample_with_code_follows_one_with_a_judge()
    {
        RewardChoice choice = new();
        choice.TakeSample(SampleTasks.Of("dialogs"));

        choice.TakeSample(SampleTasks.Of("lists"));

        Assert.Equal((RewardFunctionSpecification.CustomCode, "generic-grader"), (choice.ToSpecification().Type, choice.ToSpecification().Template));
    }
}
