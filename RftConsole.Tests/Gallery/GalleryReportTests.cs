using System.Xml.Linq;

using RftConsole.Training.Gallery;

namespace RftConsole.Tests.Gallery;

/// <summary>The gallery's table and drawing, from jobs whose figures are known.</summary>
public sealed class GalleryReportTests
{
    private static readonly GalleryRow s_lists = new(
        SampleTasks.Of("lists"),
        new(0.4, 0.3),
        [Run("lists", 42, 0.8, [0.25, 0.5, 1], ("contacts", 0.2)), Run("lists", 43, 0.9, [0.25, 0.75, 1], ("contacts", 0.15))],
        Run("lists-shuffled", 42, 0.41, [0.25, 0.25]));

    private static readonly GalleryRow s_contacts = new(SampleTasks.Of("contacts"), new(0.2, 0.2), [Run("contacts", 42, 0.6, [0.2, 0.6])]);

    private static readonly Dictionary<string, TaskAccuracy> s_untuned = new() { ["lists"] = new(0.4, 0.3), ["contacts"] = new(0.2, 0.2) };

    [Fact]
    public void Gains_are_relative_to_the_base_and_their_mean_is_that_of_the_tasks()
    {
        GalleryReport report = new([s_lists, s_contacts], s_untuned);

        Assert.Equal(1.125, s_lists.RelativeGain, 12);
        Assert.Equal(2, s_contacts.RelativeGain, 12);
        Assert.Equal((1.125 + 2) / 2, report.MeanRelativeGain, 12);
    }

    [Fact]
    public void What_a_job_forgets_is_told_in_points_and_noise_is_two_standard_errors_of_a_difference()
    {
        GalleryReport report = new([s_lists, s_contacts], s_untuned);

        Assert.Equal(-0.025, report.OtherTasks(s_lists), 12);
        Assert.Equal(2 * Math.Sqrt(2 * 0.4 * 0.6 / 200), GalleryReport.Noise(0.4), 12);
    }

    [Fact]
    public void The_table_has_a_row_a_task_a_row_a_control_and_the_mean()
    {
        string[] rows = new GalleryReport([s_lists, s_contacts], s_untuned).Markdown().TrimEnd().Split('\n')[2..];

        Assert.Collection(
            rows,
            row => Assert.StartsWith("| lists | generic-grader | 40.0 % | 85.0 % (80.0 % to 90.0 %) | +113 % |", row),
            row => Assert.StartsWith("| contacts | format-constraints | 20.0 % | 60.0 % (60.0 % to 60.0 %) | +200 % |", row),
            row => Assert.StartsWith("| lists, shuffled | generic-grader, dealt out anew in each group | 40.0 % | 41.0 % | +1.0 points; noise is ±9.8 |", row),
            row => Assert.StartsWith("| **mean** |  | 30.0 % | 72.5 % | **+156 %** |", row));
    }

    [Fact]
    public void The_drawing_has_a_chart_a_task_and_a_line_a_job()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        XElement drawing = XElement.Parse(GalleryCurves.Svg([s_lists, s_contacts]));

        XElement[] charts = [.. drawing.Elements(svg + "g")];
        Assert.Equal(2, charts.Length);
        Assert.Equal(["lists", "contacts"], charts.Select(chart => chart.Elements(svg + "text").First().Value));
        Assert.Equal([3, 1], charts.Select(chart => chart.Elements(svg + "polyline").Count()));

        // The first line of a chart is its control: a reward of a quarter stands at a quarter of the height, and the shorter run ends in the middle.
        Assert.Equal("30.0,97.0 99.0,97.0", (string?)charts[0].Elements(svg + "polyline").First().Attribute("points"));
    }

    private static GalleryRun Run(string task, long seed, double tuned, double[] rewards, params (string Task, double Accuracy)[] others) =>
        new(task, seed, new(tuned, tuned), others.ToDictionary(other => other.Task, other => other.Accuracy), rewards, Seconds: 10, Tokens: 1000, JudgeAgreement: null);
}
