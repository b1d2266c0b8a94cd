using System.Text.Json;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The output half of the contract, as a pure function.</summary>
public sealed class RewardResponseTests
{
    [Fact]
    public void Entries_are_matched_by_id_and_given_in_the_order_of_the_samples()
    {
        IReadOnlyList<SampleGrade> grades = Read("""[{"id":"b","aggregate_reward_score":2e-1,"extra":{"x":[1]}},{"id":"a","aggregate_reward_score":1,"metrics_list":null}]""", out string? failure, "a", "b");
        Assert.Null(failure);
        Assert.Equal([("a", 1.0, null), ("b", 0.2, null)], grades.Select(grade => (grade.Id, grade.Score, grade.Error)));
    }

    [Fact]
    public void A_missing_entry_is_named_and_the_others_stand()
    {
        IReadOnlyList<SampleGrade> grades = Read("""[{"id":"a","aggregate_reward_score":1}]""", out string? failure, "a", "b");
        Assert.Equal("the result has 1 entries for 2 samples", failure);
        Assert.Null(grades[0].Error);
        Assert.Equal("sample 'b': the result has no entry with this id", grades[1].Error);
    }

    [Fact]
    public void A_duplicated_id_is_an_error_of_its_sample()
    {
        IReadOnlyList<SampleGrade> grades = Read("""[{"id":"a","aggregate_reward_score":1},{"id":"a","aggregate_reward_score":0}]""", out _, "a", "b");
        Assert.Equal("sample 'a': the result has this id more than once", grades[0].Error);
        Assert.NotNull(grades[1].Error);
    }

    [Fact]
    public void A_foreign_id_is_named()
    {
        IReadOnlyList<SampleGrade> grades = Read("""[{"id":"c","aggregate_reward_score":1}]""", out string? failure, "a");
        Assert.Equal("the result has 1 entries for 1 samples (entry 1 has the id 'c', which was not sent)", failure);
        Assert.Contains("no entry with this id (entry 1 has the id 'c', which was not sent)", grades[0].Error);
    }

    [Theory]
    [InlineData("""[{"aggregate_reward_score":1}]""", "entry 1 has no id")]
    [InlineData("""[{"id":7,"aggregate_reward_score":1}]""", "the id of entry 1 is the number 7, not a text")]
    [InlineData("""[7]""", "entry 1 is the number 7, not an object")]
    [InlineData("""[{"invalid":"set"}]""", "entry 1 is set, not an object")]
    [InlineData("""[{"id":"\ud800","aggregate_reward_score":1}]""", "the id of entry 1 is a text with half of a surrogate pair, not a text")]
    public void An_entry_without_a_usable_id_is_named_by_its_place(string json, string reason)
    {
        IReadOnlyList<SampleGrade> grades = Read(json, out string? failure, "a");
        Assert.Contains(reason, failure);
        Assert.Contains(reason, grades[0].Error);
    }

    [Theory]
    [InlineData("{}", "an object")]
    [InlineData("1", "the number 1")]
    [InlineData("null", "null (None)")]
    [InlineData("\"x\"", "the text 'x'")]
    [InlineData("""{"invalid":"generator"}""", "generator")]
    public void What_is_no_list_fails_every_sample(string json, string kind)
    {
        IReadOnlyList<SampleGrade> grades = Read(json, out string? failure, "a", "b");
        Assert.Equal($"the function returned {kind}; it must return a list with one entry for each sample", failure);
        Assert.All(grades, grade => Assert.Equal(failure, grade.Error));
    }

    [Theory]
    [InlineData("""{"errorMessage":"no key"}""", "no key")]
    [InlineData("""{"errorMessage":"no key","errorType":"KeyError","stackTrace":[]}""", "KeyError: no key")]
    [InlineData("""{"errorMessage":null}""", "null (None)")]
    public void An_error_message_is_the_failure(string json, string reason)
    {
        Read(json, out string? failure, "a");
        Assert.Equal("the function returned an error: " + reason, failure);
    }

    [Theory]
    [InlineData("true", "a boolean")]
    [InlineData("\"1\"", "the text '1'")]
    [InlineData("null", "null (None)")]
    [InlineData("1e999", "the number 1e999")]
    [InlineData("[1]", "a list")]
    [InlineData("""{"invalid":"nan"}""", "nan")]
    public void A_score_that_is_no_finite_number_is_an_error(string score, string kind)
    {
        IReadOnlyList<SampleGrade> grades = Read($$"""[{"id":"a","aggregate_reward_score":{{score}}}]""", out _, "a");
        Assert.Equal($"sample 'a': aggregate_reward_score is {kind}; it must be a finite number", grades[0].Error);
    }

    [Fact]
    public void A_missing_score_is_an_error() =>
        Assert.Equal("sample 'a': aggregate_reward_score is missing", Read("""[{"id":"a","score":1}]""", out _, "a")[0].Error);

    [Theory]
    [InlineData("""{"name":"m","value":1,"type":"reward"}""", "metrics_list[0].type is the text 'reward'; it must be \"Reward\" or \"Metric\"")]
    [InlineData("""{"name":"m","value":1}""", "metrics_list[0].type is missing")]
    [InlineData("""{"name":"m","value":"1","type":"Reward"}""", "metrics_list[0].value is the text '1'; it must be a finite number")]
    [InlineData("""{"name":"m","value":true,"type":"Reward"}""", "metrics_list[0].value is a boolean")]
    [InlineData("""{"name":"","value":1,"type":"Reward"}""", "metrics_list[0].name is the text ''")]
    [InlineData("""{"value":1,"type":"Reward"}""", "metrics_list[0].name is missing")]
    [InlineData("3", "metrics_list[0] is the number 3")]
    public void A_metric_of_another_shape_is_an_error_with_its_place(string metric, string reason)
    {
        IReadOnlyList<SampleGrade> grades = Read($$"""[{"id":"a","aggregate_reward_score":1,"metrics_list":[{{metric}}]}]""", out _, "a");
        Assert.StartsWith("sample 'a': " + reason, grades[0].Error);
    }

    [Fact]
    public void A_metrics_list_that_is_no_list_is_an_error() =>
        Assert.Contains("metrics_list is an object; it must be a list", Read("""[{"id":"a","aggregate_reward_score":1,"metrics_list":{}}]""", out _, "a")[0].Error);

    [Theory]
    [InlineData("1", null)]
    [InlineData("-1", null)]
    [InlineData("1.5", "sample 'a': aggregate_reward_score is 1.5, outside [-1, 1]")]
    [InlineData("-2", "sample 'a': aggregate_reward_score is -2, outside [-1, 1]")]
    public void A_score_outside_the_range_counts_with_a_warning(string score, string? warning)
    {
        SampleGrade grade = Read($$"""[{"id":"a","aggregate_reward_score":{{score}}}]""", out string? failure, "a")[0];
        Assert.Null(failure);
        Assert.Null(grade.Error);
        Assert.Equal(warning, grade.Warning);
    }

    private static IReadOnlyList<SampleGrade> Read(string json, out string? failure, params string[] ids)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return RewardResponse.Read(document.RootElement, ids, out failure);
    }
}
