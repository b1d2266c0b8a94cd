using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Jobs;

public sealed class DataReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_record_is_in_the_report_kept_or_left_out_with_its_reason()
    {
        string file = _folder.Write("train.jsonl", string.Join('\n', [.. Enumerable.Range(1, 40).Select(i => $$"""{"messages":[{"role":"user","content":"{{string.Join(' ', Enumerable.Repeat($"word{i}", i))}}"}],"reference_answer":"x"}"""), "{}"]));
        var records = JobRecords.Read(new() { Name = "n", BaseModel = "starter", TrainingData = new() { File = file }, ValidationData = new() { Share = 0.1 }, RewardFunction = new() { Template = "math-reasoning" } });
        var data = records.Encode(await TestEngine.Models.LoadAsync("starter"), 60);

        var report = DataReport.Of(records, data, 60);

        Assert.Equal((40, 1, 41), (report.Accepted, report.Rejected, report.RejectedLines[0].Line));
        Assert.Equal(40, report.Tokens.Count);
        Assert.Equal(data.Dropped.Count, report.Tokens.Dropped);
        Assert.Equal(data.Dropped.Count, report.Dropped["longer than maxPromptLength"]);
        Assert.InRange(data.Dropped.Count, 1, 39);
        Assert.Equal(40, data.Training.Count + data.Validation.Count + data.Dropped.Count);
        Assert.All(report.DroppedPrompts, dropped => Assert.True(dropped.Tokens > 60));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))), report.ContentHash);
    }
}
