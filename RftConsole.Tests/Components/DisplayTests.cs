using RftConsole.Web.Components.Charts;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Wizard;

namespace RftConsole.Tests.Components;

/// <summary>How values and messages read.</summary>
public sealed class DisplayTests
{
    [Theory]
    [InlineData(0.4, "under 1 s")]
    [InlineData(59, "59 s")]
    [InlineData(192, "3 min 12 s")]
    [InlineData(3_720, "1 h 2 min")]
    [InlineData(90_000, "1 d 1 h")]
    public void A_duration_is_told_in_its_two_largest_units(double seconds, string text) => Assert.Equal(text, Display.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.00000412, "4.12e-6")]
    [InlineData(1234.5, "1,234.5")]
    public void A_number_reads_well_at_any_size(double number, string text) => Assert.Equal(text, Display.Number(number));

    [Theory]
    [InlineData(0.506, "+50.6 points")]
    [InlineData(-0.02, "−2 points")]
    [InlineData(0.0, "±0 points")]
    [InlineData(null, "–")]
    public void A_gain_is_told_in_percentage_points(double? difference, string text) => Assert.Equal(text, Display.Points(difference));

    [Theory]
    [InlineData("team", "maths", "team: maths")]
    [InlineData("urgent", "", "urgent")]
    public void A_tag_without_a_value_is_its_key(string key, string value, string text) => Assert.Equal(text, Display.Tag(key, value));

    [Theory]
    [InlineData("Job name: there is a job \"a\" already.", "name", "There is a job \"a\" already.")]
    [InlineData("batchSize: too large", "batchSize", "Too large")]
    [InlineData("hyperparameters.batchSize: 0 is outside 1 to 512", "batchSize", "0 is outside 1 to 512")]
    [InlineData("validationData.share: 2 is outside 0 to 1", "validationData", "2 is outside 0 to 1")]
    [InlineData("Maximum prompt length: 0 is too small", "maxPromptLength", "0 is too small")]
    [InlineData("The disk is full: free some space.", null, "The disk is full: free some space.")]
    public void A_services_message_finds_its_field(string message, string? field, string text) => Assert.Equal(new FieldMessage(field, text), FieldMessage.Parse(message));

    [Fact]
    public void A_step_that_comes_again_adds_only_what_is_new()
    {
        MetricFeed feed = new();
        feed.Add([new(1, new Dictionary<string, double> { ["loss"] = 1 })]);
        feed.Add([new(1, new Dictionary<string, double> { ["loss"] = 1, ["eval/reward"] = 0.5 })]);

        Assert.Equal([new MetricPoint(1, 1)], feed.Points("loss"));
        Assert.Equal([new MetricPoint(1, 0.5)], feed.Points("eval/reward"));
    }
}
