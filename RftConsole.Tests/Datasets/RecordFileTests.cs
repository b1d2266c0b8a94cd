using System.Text;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets;

namespace RftConsole.Tests.Datasets;

/// <summary>Training files looked into and edited line by line.</summary>
public sealed class RecordFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_numbered_as_in_the_file_and_blank_ones_are_left_out()
    {
        RecordFile file = Open("\uFEFF" + Line("first") + "\r\n\n \t\n" + "no json\n" + Line("last"));

        IReadOnlyList<RecordLine> lines = file.Read(Enumerable.Range(0, file.Count));

        Assert.Equal([1, 4, 5], lines.Select(line => line.Number));
        Assert.Equal([Line("first"), "no json", Line("last")], lines.Select(line => line.Text));
        Assert.Equal([null, "not valid JSON", null], lines.Select(line => line.Reason?[..14]));
        Assert.Equal("last", file.ReadLine(5)!.Record!.Messages[0].Content);
        Assert.Null(file.ReadLine(2));
        Assert.Null(file.ReadLine(6));
    }

    [Theory]
    [InlineData("straße", 1)] // written with an escape in the file
    [InlineData("STRASS", 0)]
    [InlineData("say \"hi\"", 2)] // quotes are escaped in the file
    [InlineData("level", 3)] // a key
    [InlineData("4.5", 3)] // a number
    [InlineData("BROKEN", 4)] // a line that is no JSON
    [InlineData("nowhere", 0)]
    public void What_a_person_reads_is_found_in_keys_and_values(string text, int line)
    {
        RecordFile file = Open("{\"messages\":[{\"role\":\"user\",\"content\":\"Stra\\u00dfe\"}]}\n" + Line("say \\\"hi\\\"") + "\n{\"level\":4.5}\n{broken\n");

        Assert.Equal(line == 0 ? [] : [line - 1], file.Find(text));
    }

    [Theory]
    [InlineData(1, "\uFEFFX\r\nb\n\nc")]
    [InlineData(2, "\uFEFFa\r\nX\n\nc")]
    [InlineData(4, "\uFEFFa\r\nb\n\nX")]
    public async Task An_edit_changes_one_line_and_no_other_byte(int line, string expected)
    {
        RecordFile file = Open("\uFEFFa\r\nb\n\nc");
        string target = Path.Combine(_folder.Path, "new.jsonl");

        await file.RewriteAsync(target, line, "X", TestContext.Current.CancellationToken);

        Assert.Equal(Encoding.UTF8.GetBytes(expected), await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1, "\uFEFFb\n\nc")]
    [InlineData(2, "\uFEFFa\r\n\nc")]
    [InlineData(4, "\uFEFFa\r\nb\n\n")]
    public async Task A_deleted_line_goes_with_its_end(int line, string expected)
    {
        string target = Path.Combine(_folder.Path, "new.jsonl");

        await Open("\uFEFFa\r\nb\n\nc").RewriteAsync(target, line, null, TestContext.Current.CancellationToken);

        Assert.Equal(Encoding.UTF8.GetBytes(expected), await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<UserInputException>(() => Open("a\n\n").RewriteAsync(target + "2", 2, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_record_written_over_several_lines_becomes_one_and_keeps_its_numbers()
    {
        string written = "{\n  \"messages\": [{\"role\": \"user\", \"content\": \"Größe <1>\\nof\"}],\n  \"seed\": 9007199254740993, \"weight\": 1.50\n}\n";

        string line = RecordFile.ToLine(written);

        Assert.Equal("{\"messages\":[{\"role\":\"user\",\"content\":\"Größe <1>\\nof\"}],\"seed\":9007199254740993,\"weight\":1.50}", line);
        Assert.Equal(line, RecordFile.ToLine(RecordFile.ToText(line)));
        Assert.Equal("no json", RecordFile.ToText("no json"));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("{\"messages\":[]}", "messages")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"id\":7}", "id must be a non-empty string")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"x\":1,\"x\":2}", "stands twice")]
    public void What_is_no_record_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<UserInputException>(() => RecordFile.ToLine(text)).Message, StringComparison.Ordinal);

    private static string Line(string content) => $$"""{"messages":[{"role":"user","content":"{{content}}"}]}""";

    private RecordFile Open(string content) => RecordFile.Open(_folder.Write(Guid.NewGuid().ToString("N"), Encoding.UTF8.GetBytes(content)));
}
