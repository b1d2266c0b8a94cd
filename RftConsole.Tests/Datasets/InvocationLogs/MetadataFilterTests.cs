using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Tests.Datasets.InvocationLogs;

public sealed class MetadataFilterTests
{
    [Theory]
    [InlineData("""{"equals":{"app":"demo"}}""", true)]
    [InlineData("""{"equals":{"app":"other"}}""", false)]
    [InlineData("""{"equals":{"missing":"x"}}""", false)]
    [InlineData("""{"notEquals":{"app":"other"}}""", true)]
    [InlineData("""{"notEquals":{"app":"demo"}}""", false)]
    [InlineData("""{"notEquals":{"missing":"x"}}""", true)]
    [InlineData("""{"andAll":[{"equals":{"app":"demo"}},{"notEquals":{"stage":"test"}}]}""", true)]
    [InlineData("""{"andAll":[{"equals":{"app":"demo"}},{"equals":{"stage":"test"}}]}""", false)]
    [InlineData("""{"orAll":[{"equals":{"app":"other"}},{"equals":{"stage":"live"}}]}""", true)]
    [InlineData("""{"orAll":[{"equals":{"app":"other"}},{"equals":{"stage":"test"}}]}""", false)]
    [InlineData("""{"requestMetadataFilters":{"equals":{"app":"demo"}}}""", true)]
    public void A_filter_takes_the_calls_that_it_names(string filter, bool taken) =>
        Assert.Equal(taken, MetadataFilter.Parse(filter, "filter.json").Matches(new Dictionary<string, string> { ["app"] = "demo", ["stage"] = "live" }));

    [Theory]
    [InlineData("""{"andAll":[{"equals":{"a":"b"}}],"orAll":[{"equals":{"a":"b"}}]}""", "filter.json: andAll and orAll are not mixed")]
    [InlineData("""{"andAll":[{"orAll":[{"equals":{"a":"b"}}]}]}""", "filter.json, andAll[0]: andAll and orAll are not mixed or nested")]
    [InlineData("""{"orAll":[{"equals":{"a":"b"}},{"andAll":[{"equals":{"a":"b"}}]}]}""", "filter.json, orAll[1]: andAll and orAll are not mixed or nested")]
    [InlineData("""{"equals":{"a":"b"},"notEquals":{"a":"b"}}""", "exactly one of equals, notEquals, andAll and orAll must be given, not equals and notEquals")]
    [InlineData("{}", "exactly one of equals, notEquals, andAll and orAll must be given, not none")]
    [InlineData("""{"orAll":[]}""", "filter.json, orAll: is empty")]
    [InlineData("""{"orAll":[{}]}""", "filter.json, orAll[0]: equals or notEquals must be given")]
    [InlineData("""{"equal":{"a":"b"}}""", "filter.json, equal: unknown key")]
    [InlineData("""{"equals":{"a":1}}""", "filter.json, equals.a: a value of the wrong type")]
    [InlineData("""{"equals":["a"]}""", "filter.json, equals: a value of the wrong type")]
    [InlineData("null", "filter.json: is null")]
    [InlineData("{", "filter.json: not JSON")]
    public void A_filter_that_is_none_is_named(string filter, string error) =>
        Assert.Contains(error, Assert.Throws<UserInputException>(() => MetadataFilter.Parse(filter, "filter.json")).Message, StringComparison.Ordinal);
}
