using RftConsole.Tests.Datasets.InvocationLogs;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;

namespace RftConsole.Tests.Jobs;

public sealed class JobSourcesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<JobEvent> _events = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Invocation_logs_become_the_training_file_once_and_for_all()
    {
        _folder.Write("log.jsonl", $"{InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1")}\n{{}}\n");
        var job = Job("""{"path":"log.jsonl","usePromptResponse":true,"requestMetadataFilters":{"equals":{"app":"demo"}}}""");

        var record = Assert.Single(JobRecords.Read(await FetchAsync(job)).Training);
        Assert.Equal(("r1", "2"), (record.Id, record.ReferenceAnswer!.GetValue<string>()));
        Assert.Contains(_events, e => e is JobWarning { Message: var message } && message.StartsWith("log.jsonl, line 2: ", StringComparison.Ordinal));

        // The log goes on; the job, run again, does not.
        File.AppendAllText(Path.Combine(_folder.Path, "log.jsonl"), InvocationLogConverterTests.Log("What is 2 + 2?", "4", "r2") + "\n");
        Assert.Single(JobRecords.Read(await FetchAsync(job)).Training);
    }

    [Theory]
    [InlineData("""{"path":"none"}""", "none: there is no such file or folder")]
    [InlineData("""{"path":"log.jsonl","requestMetadataFilters":{"equals":{"app":"other"}}}""", "log.jsonl holds no record that can be trained on (0 skipped, 1 left out by the filter)")]
    [InlineData("""{"path":"log.jsonl","requestMetadataFilters":{"andAll":[{"equals":{"a":"b"}}],"orAll":[{"equals":{"a":"b"}}]}}""", "trainingData.invocationLogs.requestMetadataFilters: andAll and orAll are not mixed")]
    public async Task Logs_that_give_nothing_end_the_job_with_the_reason(string source, string error)
    {
        _folder.Write("log.jsonl", InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1") + "\n");

        var refused = await Assert.ThrowsAsync<UserInputException>(() => FetchAsync(Job(source)));

        Assert.StartsWith("trainingData.invocationLogs", refused.Message, StringComparison.Ordinal);
        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_keys_of_the_source_are_named() =>
        Assert.Contains("trainingData.invocationLogs.usePromptResponses: unknown key", Assert.Throws<UserInputException>(() => Job("""{"path":"log.jsonl","usePromptResponses":true}""")).Message, StringComparison.Ordinal);

    private JobSpecification Job(string source) => JobSpecificationFile.Load(_folder.Write(
        "job.json", $$$"""{"name":"n","baseModel":"starter","trainingData":{"invocationLogs":{{{source}}}},"validationData":{"share":0.1},"rewardFunction":{"template":"math-reasoning"}}"""));

    private Task<JobSpecification> FetchAsync(JobSpecification job) => new JobSources(
        new JobFolder(Path.Combine(_folder.Path, "job")),
        null,
        OutboundPolicy.Unrestricted,
        e =>
        {
            _events.Add(e);
            return ValueTask.CompletedTask;
        }).FetchAsync(job, TestContext.Current.CancellationToken);
}
