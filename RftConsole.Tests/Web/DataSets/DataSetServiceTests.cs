using System.Security.Cryptography;
using System.Text;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>Uploaded data sets over the real database and real files.</summary>
public sealed class DataSetServiceTests : IDisposable
{
    private const string Good = """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2 + 2?"}],"reference_answer":"4","id":"a"}""";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_file_is_stored_as_it_came_with_what_its_check_found()
    {
        await using ConsoleHarness console = await StartAsync();
        string content = Good + "\r\nno json\n{\"messages\":[]}\n";

        UploadedDataSet added = await AddAsync(console, "mine.jsonl", content);

        Assert.Equal(("mine.jsonl", 1, 2, (long)content.Length), (added.Name, added.Rows, added.RejectedRows, added.Bytes));
        Assert.Equal(content, await File.ReadAllTextAsync(added.File, TestContext.Current.CancellationToken));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))), added.Sha256);
        Assert.Equal(Path.Combine(_root.Path, "data", "datasets", added.Id), Path.GetDirectoryName(added.File));
        DataSetCheck check = (await console.DataSets.FindCheckAsync(added.Id))!;
        Assert.Equal([2, 3], check.Rejected.Select(line => line.Line));
        PreviewRecord record = Assert.Single(check.Preview);
        Assert.Equal(("a", "4"), (record.Id, record.ReferenceAnswer));
        Assert.Equal([new("system", "Be brief."), new("user", "2 + 2?")], record.Messages);
        Assert.Contains(check.Warnings, warning => warning.Contains("fewer than 100", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Data_sets_outlive_a_restart_and_unfinished_uploads_do_not()
    {
        UploadedDataSet added;
        await using (ConsoleHarness console = await StartAsync())
        {
            added = await AddAsync(console, "mine.jsonl", Good);
        }

        string half = Path.Combine(_root.Path, "data", "uploads", "half");
        Directory.CreateDirectory(half);
        File.WriteAllText(Path.Combine(half, "half.jsonl"), Good);
        await using ConsoleHarness again = await StartAsync();

        Assert.Equal(added, Assert.Single(await again.DataSets.ListAsync()));
        Assert.True(File.Exists(added.File));
        Assert.False(Directory.Exists(half));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("PK\u0003\u0004 a zip\nof two lines\n", "No line of")]
    [InlineData("[{\"messages\":[]}]", "No line of")]
    public async Task A_file_without_a_record_is_refused_and_leaves_nothing(string content, string reason)
    {
        await using ConsoleHarness console = await StartAsync();

        DataSetRefusedException refused = await Assert.ThrowsAsync<DataSetRefusedException>(() => AddAsync(console, "mine.jsonl", content));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, refused.Rejected.Count);
        Assert.Empty(await console.DataSets.ListAsync());
        Assert.Empty(KeptFiles());
    }

    [Fact]
    public async Task A_cancelled_upload_leaves_nothing()
    {
        await using ConsoleHarness console = await StartAsync();
        using CancellationTokenSource cancelled = new();
        using Stream content = new CancellingStream(Encoding.UTF8.GetBytes(Good + "\n"), cancelled);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => console.DataSets.AddAsync("mine.jsonl", content, cancelled.Token));

        Assert.Empty(await console.DataSets.ListAsync());
        Assert.Empty(KeptFiles());
    }

    [Theory]
    [InlineData("../../console.jsonl", "console.jsonl")]
    [InlineData("..\\..\\evil.jsonl", "evil.jsonl")]
    [InlineData("/etc/cron.d/job.JSONL", "job.jsonl")]
    [InlineData("...jsonl", "data.jsonl")]
    [InlineData("a\0b\n<c>.jsonl", "a-b--c-.jsonl")]
    public async Task A_name_never_leads_out_of_the_data_sets_folder(string given, string expected)
    {
        await using ConsoleHarness console = await StartAsync();

        UploadedDataSet added = await AddAsync(console, given, Good);

        Assert.Equal(expected, added.Name);
        Assert.Equal(Path.Combine(_root.Path, "data", "datasets", added.Id, expected), added.File);
        Assert.Equal([added.File], KeptFiles());
    }

    [Fact]
    public async Task A_second_file_of_the_same_name_gets_a_name_of_its_own()
    {
        await using ConsoleHarness console = await StartAsync();
        await AddAsync(console, "mine.jsonl", Good);

        UploadedDataSet second = await AddAsync(console, "MINE.jsonl", Good);

        Assert.Equal("MINE (2).jsonl", second.Name);
        Assert.EndsWith("MINE.jsonl", second.File, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_is_known_by_the_data_set_it_was_created_with_and_keeps_its_copy()
    {
        await using ConsoleHarness console = await StartAsync();
        UploadedDataSet training = await AddAsync(console, "train.jsonl", Good);
        UploadedDataSet validation = await AddAsync(console, "check.jsonl", Good);
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "own") with
        {
            TrainingData = new() { File = training.File },
            ValidationData = new() { File = validation.File },
        });

        Assert.Equal(["own"], await console.DataSets.JobsUsingAsync(training.Id));
        Assert.Equal(["own"], await console.DataSets.JobsUsingAsync(validation.Id));
        await console.DataSets.DeleteAsync(training.Id);

        Assert.False(File.Exists(training.File));
        Assert.Null(await console.DataSets.FindAsync(training.Id));
        JobSpecification kept = (await console.JobAsync(id)).Specification;
        Assert.Equal(Good, await File.ReadAllTextAsync(kept.TrainingData.File!, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<UserInputException>(() => console.DataSets.DeleteAsync(training.Id));
    }

    [Fact]
    public async Task A_split_keeps_every_line_once_and_duplicates_on_one_side()
    {
        await using ConsoleHarness console = await StartAsync();
        string[] lines = [.. Enumerable.Range(0, 200).Select(i => $$"""{"messages":[{"role":"user","content":"{{(i % 2 == 0 ? $"What is {i / 4} + 1?" : $"what is {i / 4} + 1")}}"}],"reference_answer":"{{i}}"}""")];
        UploadedDataSet whole = await AddAsync(console, "whole.jsonl", string.Join('\n', lines.Prepend("no json")));

        (UploadedDataSet training, UploadedDataSet validation) = await console.DataSets.SplitAsync(whole.Id, 0.2, 7, TestContext.Current.CancellationToken);

        string[] kept = File.ReadAllLines(training.File);
        string[] held = File.ReadAllLines(validation.File);
        Assert.Equal((160, 40), (training.Rows, validation.Rows));
        Assert.Equal(lines.Prepend("no json").Order(), kept.Concat(held).Order());
        Assert.Empty(kept.Skip(1).Select(Words).Intersect(held.Select(Words)));
        Assert.Equal(["whole (training).jsonl", "whole (validation).jsonl"], new[] { training.Name, validation.Name });
        Assert.Equal(validation.Sha256, (await console.DataSets.SplitAsync(whole.Id, 0.2, 7, TestContext.Current.CancellationToken)).Validation.Sha256);
        await Assert.ThrowsAsync<UserInputException>(() => console.DataSets.SplitAsync(whole.Id, 1, 7, TestContext.Current.CancellationToken));

        static string Words(string line) => line.ToUpperInvariant().Split("CONTENT")[1].Split('+')[0];
    }

    [Fact]
    public async Task Tokens_are_counted_with_a_registered_model()
    {
        await using ConsoleHarness console = await StartAsync();
        UploadedDataSet set = await AddAsync(console, "mine.jsonl", Good);

        Assert.Equal(1, (await console.DataSets.CountTokensAsync(set.Id, "starter", TestContext.Current.CancellationToken)).Tokens!.Count);
    }

    private async Task<ConsoleHarness> StartAsync() => await ConsoleHarness.StartAsync(_root, new());

    private static async Task<UploadedDataSet> AddAsync(ConsoleHarness console, string name, string content)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(content));
        return await console.DataSets.AddAsync(name, stream, TestContext.Current.CancellationToken);
    }

    private string[] KeptFiles() =>
        [.. new[] { "datasets", "uploads" }.Select(name => Path.Combine(_root.Path, "data", name)).Where(Directory.Exists).SelectMany(path => Directory.GetFiles(path, "*", SearchOption.AllDirectories))];

    /// <summary>Gives its content once, and at the next read the user has cancelled.</summary>
    private sealed class CancellingStream(byte[] content, CancellationTokenSource cancelled) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                await cancelled.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
