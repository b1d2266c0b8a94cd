using System.Text;

using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>Data sets that are edited, over the real database and real files.</summary>
public sealed class DataSetVersionTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edit_makes_a_version_and_every_version_stays_as_it_was()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet first = await AddAsync(console, Line("one", "a"), Line("two", "b"), "no json");
        IDataSetVersions versions = Versions(console);

        UploadedDataSet second = await versions.EditAsync(first, 2, Line("TWO", "b"), Cancellation);
        UploadedDataSet third = await versions.EditAsync(second, 1, null, Cancellation);

        Assert.Equal((3, 1, 1), (third.Version, third.Rows, third.RejectedRows));
        Assert.Equal(third, await console.DataSets.FindAsync(first.Id, Cancellation));
        Assert.Equal([Line("TWO", "b"), "no json"], File.ReadAllLines(third.File));
        Assert.Equal([Line("one", "a"), Line("two", "b"), "no json"], File.ReadAllLines(first.File));
        IReadOnlyList<DataSetVersion> listed = await versions.ListAsync(first.Id, Cancellation);
        Assert.Equal([(3, 2, true), (2, 1, false), (1, null, false)], listed.Select(version => (version.DataSet.Version, version.Parent, version.IsCurrent)));
        Assert.Equal([new(1, Line("one", "a"), null), new(2, Line("two", "b"), Line("TWO", "b")), null], listed.Select(version => version.Edit));
        Assert.Equal([third.Sha256, second.Sha256, first.Sha256], listed.Select(version => version.DataSet.Sha256));
        Assert.Equal(first with { Sha256 = first.Sha256 }, await console.DataSets.FindVersionAsync(first.Id, 1, Cancellation));
        Assert.Equal(2, (await versions.FindCheckAsync(first.Id, 1, Cancellation))!.Accepted);
        Assert.Equal([first.Id], await versions.WithHashAsync(first.Sha256[..10].ToUpperInvariant(), Cancellation));
    }

    [Fact]
    public async Task Undo_brings_the_same_bytes_back_and_the_undone_version_can_be_taken_again()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet first = await AddAsync(console, Line("one", "a"), Line("two", "b"));
        IDataSetVersions versions = Versions(console);
        UploadedDataSet second = await versions.EditAsync(first, 1, null, Cancellation);

        Assert.Equal(first, await versions.MakeCurrentAsync(first.Id, 1, Cancellation));
        Assert.Equal(second, await versions.MakeCurrentAsync(first.Id, 2, Cancellation));
        await versions.MakeCurrentAsync(first.Id, 1, Cancellation);
        UploadedDataSet third = await versions.EditAsync(first, 2, null, Cancellation);

        Assert.Equal((3, 1), (third.Version, (await versions.ListAsync(first.Id, Cancellation))[0].Parent));
    }

    [Fact]
    public async Task A_job_points_at_the_version_that_it_was_created_with()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet first = await AddAsync(console, Line("one", "a"), Line("two", "b"));
        IDataSetVersions versions = Versions(console);
        UploadedDataSet second = await versions.EditAsync(first, 1, null, Cancellation);
        string before = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "before") with { TrainingData = new() { File = first.File } }, Cancellation);
        string after = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "after") with { TrainingData = new() { File = second.File } }, Cancellation);
        await versions.EditAsync(second, 1, Line("three", "c"), Cancellation);

        Assert.Equal((first.Id, 1), Traced(await console.JobAsync(before)));
        Assert.Equal((first.Id, 2), Traced(await console.JobAsync(after)));
        Assert.Equal([("before", 1), ("after", 2)], (await versions.UsersAsync(first.Id, Cancellation)).Select(user => (user.JobName, user.Version)));

        static (string?, int?) Traced(RftConsole.Web.Jobs.JobDetails job) => (job.TrainingDataSetId, job.TrainingDataSetVersion);
    }

    [Fact]
    public async Task An_edit_that_would_spoil_the_data_set_is_refused_and_leaves_nothing()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet first = await AddAsync(console, Line("one", "a"), Line("two", "b"));
        IDataSetVersions versions = Versions(console);

        Assert.Contains("no training record", await RefusedAsync(first, 1, "{}"), StringComparison.Ordinal);
        Assert.Contains("line 2 could not be used any more: id \"b\" is already the id of line 1", await RefusedAsync(first, 1, Line("one", "b")), StringComparison.Ordinal);
        Assert.Contains("no line 3", await RefusedAsync(first, 3, null), StringComparison.Ordinal);
        UploadedDataSet second = await versions.EditAsync(first, 1, null, Cancellation);
        Assert.Contains("Version 2 of this data set is current by now", await RefusedAsync(first, 1, null), StringComparison.Ordinal);
        Assert.Contains("No training record would be left", await RefusedAsync(second, 1, null), StringComparison.Ordinal);
        Assert.Equal(2, (await versions.ListAsync(first.Id, Cancellation)).Count);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root.Path, "data", "uploads")));

        async Task<string> RefusedAsync(UploadedDataSet seen, int line, string? text) => (await Assert.ThrowsAsync<UserInputException>(() => versions.EditAsync(seen, line, text, Cancellation))).Message;
    }

    [Fact]
    public async Task A_version_that_is_not_current_can_be_deleted_and_its_number_is_not_used_again()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet first = await AddAsync(console, Line("one", "a"), Line("two", "b"), Line("three", "c"));
        IDataSetVersions versions = Versions(console);
        UploadedDataSet second = await versions.EditAsync(first, 1, null, Cancellation);
        UploadedDataSet third = await versions.EditAsync(second, 1, null, Cancellation);

        await Assert.ThrowsAsync<UserInputException>(() => versions.DeleteAsync(first.Id, 3, Cancellation));
        await versions.DeleteAsync(first.Id, 1, Cancellation);
        await versions.DeleteAsync(first.Id, 2, Cancellation);

        Assert.False(File.Exists(first.File) || File.Exists(second.File));
        Assert.Equal(4, (await versions.EditAsync(third, 1, Line("four", "d"), Cancellation)).Version);
        await console.DataSets.DeleteAsync(first.Id, Cancellation);
        Assert.Empty(await versions.ListAsync(first.Id, Cancellation));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root.Path, "data", "datasets")));
    }

    [Fact]
    public async Task Lines_are_searched_and_those_that_are_no_record_are_shown_with_their_reason()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        UploadedDataSet set = await AddAsync(console, Line("one", "a"), Line("Two", "b"), Line("three", "a"), "no json");
        IDataSetVersions versions = Versions(console);

        RecordLines found = await versions.ReadAsync(set, new("two", false, 0, 10), Cancellation);
        RecordLines page = await versions.ReadAsync(set, new(null, false, 1, 2), Cancellation);
        RecordLines rejected = await versions.ReadAsync(set, new(null, true, 0, 10), Cancellation);

        Assert.Equal((1, 2), (found.Total, found.Lines[0].Number));
        Assert.Equal((4, "2 3"), (page.Total, string.Join(' ', page.Lines.Select(line => line.Number))));
        Assert.Equal(["3 id \"a\" is already", "4 not valid JSON at"], rejected.Lines.Select(line => $"{line.Number} {line.Reason![..17]}"));
    }

    private static IDataSetVersions Versions(ConsoleHarness console) => console.Services.GetRequiredService<IDataSetVersions>();

    private static string Line(string content, string id) => $$"""{"messages":[{"role":"user","content":"{{content}}"}],"id":"{{id}}"}""";

    private static async Task<UploadedDataSet> AddAsync(ConsoleHarness console, params string[] lines)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        return await console.DataSets.AddAsync("mine.jsonl", stream, Cancellation);
    }
}
