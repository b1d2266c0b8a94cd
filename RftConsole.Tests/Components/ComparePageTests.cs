using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>Several jobs beside each other.</summary>
public sealed class ComparePageTests : PageContext
{
    public ComparePageTests()
    {
        Add("a", "first", 0.001, 0.5);
        Add("b", "second", 0.004, 0.75);
        Add("c", "third", 0.001, 0.5);
    }

    [Fact]
    public void What_differs_is_shown_and_what_is_equal_is_not()
    {
        Show<ComparePage>("/jobs/compare?jobs=a,b");

        Assert.Equal("Learning rate(differs)", string.Concat(Text(Assert.Single(Page.FindAll(".compare-configuration tbody tr")).Children[0]).Where(character => character is not '\n')).Replace(" (", "(", StringComparison.Ordinal));
        Assert.Equal(["0.001", "0.004"], Page.FindAll(".compare-configuration tbody td").Select(Text));
        Show("/jobs/compare?jobs=a,c");
        Assert.Contains("Nothing differs.", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pinned_baseline_stands_in_the_address_and_others_are_measured_by_it()
    {
        Show<ComparePage>("/jobs/compare?jobs=a,b");

        Click("Baseline: first");

        Assert.EndsWith("jobs=a,b&baseline=a", Uri.UnescapeDataString(Address), StringComparison.Ordinal);
        Assert.Contains("(+0.25)", Page.FindAll("td[data-label='Last reward']").Select(Text).Last(), StringComparison.Ordinal);
        Click("Remove second");
        Assert.EndsWith("jobs=a&baseline=a", Address, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_chart_has_a_line_a_job()
    {
        Show<ComparePage>("/jobs/compare?jobs=a,b");

        Assert.Equal(["a\nreward", "b\nreward"], ((IReadOnlyList<string>)Charts.Invocations["append"][0].Arguments[1]!).Where(name => name.EndsWith("reward", StringComparison.Ordinal)));
        Assert.Contains("Training rewards", Headings("h3"));
        Assert.Contains("Accuracy, validation", Headings("h3"));
    }

    [Fact]
    public void Jobs_that_are_gone_are_left_out()
    {
        Show<ComparePage>("/jobs/compare?jobs=gone");

        Assert.Contains("Nothing is compared yet.", Page.Markup, StringComparison.Ordinal);
    }

    private void Show(string address) => Navigation.NavigateTo(address);

    private void Add(string id, string name, double rate, double reward)
    {
        JobDetails job = SampleJob.Make(id, JobStatus.Completed);
        Jobs[id] = job with
        {
            Summary = job.Summary with { Name = name },
            Specification = job.Specification with { Hyperparameters = job.Specification.Hyperparameters with { LearningRate = rate } },
        };
        Jobs.AddMetrics(id, new StepMetrics(1, new Dictionary<string, double> { ["reward"] = reward, ["step_time"] = 2 }));
    }
}
