using Parquet;
using Parquet.Schema;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Tables;

namespace RftConsole.Tests.Datasets;

public sealed class TableConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "out.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("question,answer,level\n\"What is 1,000 + 1?\",\"1,001\",easy\n\"Two\nlines, \"\"quoted\"\"\",x,\n")]
    [InlineData("\uFEFFquestion;answer;level\r\nWhat is 1,000 + 1?;1,001;easy\r\n\"Two\nlines, \"\"quoted\"\"\";x;\r\n")]
    [InlineData("question\tanswer\tlevel\nWhat is 1,000 + 1?\t1,001\teasy\n\"Two\nlines, \"\"quoted\"\"\"\tx\t\n")]
    public async Task Rows_of_a_csv_file_become_records(string csv)
    {
        var file = _folder.Write("table.csv", csv);
        var columns = TableColumns.Guess((await TableConverter.PreviewAsync(file, 2, TestContext.Current.CancellationToken)).Columns);
        Assert.Equal(("question", "answer", "level"), (columns.Question, columns.Answer, Assert.Single(columns.Metadata)));

        await TableConverter.ConvertAsync(file, columns, Output, TestContext.Current.CancellationToken);

        var report = TrainingRecordReader.Read(Output, TestContext.Current.CancellationToken);
        Assert.Equal(
            [("What is 1,000 + 1?", "1,001", "easy"), ("Two\nlines, \"quoted\"", "x", "")],
            report.Accepted.Select(record => (record.Messages[0].Content, record.ReferenceAnswer!.GetValue<string>(), record.Metadata["level"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Rows_of_a_parquet_file_keep_their_types()
    {
        var file = Path.Combine(_folder.Path, "table.bin");
        var schema = new ParquetSchema(new DataField<string>("Prompt"), new DataField<string>("Solution", nullable: true), new DataField<long>("steps"), new DataField<double?>("score"), new DataField<bool>("checked"));
        await using (var stream = File.Create(file))
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(schema.DataFields[0], (IReadOnlyCollection<string>)["1 + 1?", "2 + 2?"]);
            await group.WriteAsync(schema.DataFields[1], (IReadOnlyCollection<string>)["2", null!]);
            await group.WriteAsync<long>(schema.DataFields[2], new ReadOnlyMemory<long>([9007199254740993L, 1L]), cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<double>(schema.DataFields[3], new ReadOnlyMemory<double?>([0.5, null]), cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<bool>(schema.DataFields[4], new ReadOnlyMemory<bool>([true, false]), cancellationToken: TestContext.Current.CancellationToken);
        }

        var preview = await TableConverter.PreviewAsync(file, 1, TestContext.Current.CancellationToken);
        Assert.Equal(["1 + 1?", "2", "9007199254740993", "0.5", "true"], Assert.Single(preview.Rows));
        await TableConverter.ConvertAsync(file, TableColumns.Guess(preview.Columns), Output, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                """{"messages":[{"role":"user","content":"1 + 1?"}],"reference_answer":"2","steps":9007199254740993,"score":0.5,"checked":true}""",
                """{"messages":[{"role":"user","content":"2 + 2?"}],"steps":1,"score":null,"checked":false}""",
            ],
            File.ReadAllLines(Output));
    }

    [Fact]
    public async Task Columns_of_a_parquet_file_that_cannot_become_json_are_named_and_the_others_used()
    {
        // question, a boolean that is run-length encoded, JSON, bytes that are no text; written by hyparquet-writer 0.17.
        var file = _folder.Write("table.parquet", Convert.FromBase64String(RunLengthBooleans));

        var preview = await TableConverter.PreviewAsync(file, 1, TestContext.Current.CancellationToken);
        await TableConverter.ConvertAsync(file, TableColumns.Guess(preview.Columns) with { Answer = null, Metadata = ["info"] }, Output, TestContext.Current.CancellationToken);

        Assert.Equal(["question", "info"], preview.Columns);
        Assert.Collection(preview.LeftOut, left => Assert.StartsWith("ok (cannot be read: ", left, StringComparison.Ordinal), left => Assert.Equal("raw (bytes that are no text)", left));
        Assert.Equal("""{"messages":[{"role":"user","content":"1 + 1?"}],"info":"{\"a\":1}"}""", File.ReadLines(Output).First());
    }

    [Theory]
    [InlineData("id,System Prompt,problem,expected", "problem", "expected", "System Prompt", "id")]
    [InlineData("frage,antwort", "frage", "antwort", null, null)]
    [InlineData("a,b,c", "a", null, null, null)]
    [InlineData("answer,question", "question", "answer", null, null)]
    public void Columns_are_guessed_by_their_names(string names, string question, string? answer, string? instructions, string? id)
    {
        var columns = TableColumns.Guess(names.Split(','));

        Assert.Equal((question, answer, instructions, id), (columns.Question, columns.Answer, columns.Instructions, columns.Id));
        Assert.Equal(names.Split(',').Except(new[] { question, answer, instructions, id }), columns.Metadata);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a,a\n1,2\n", "each column must have a name of its own")]
    [InlineData("a,\n1,2\n", "each column must have a name of its own")]
    [InlineData("q,a\n1,2,3\n", "line 2: 3 values for 2 columns")]
    [InlineData("q,a\n1,2\n3,\"4\n5,6\n7,8\n", "line 3: not valid CSV")]
    [InlineData("PAR1 and nothing sound PAR1", "is no sound Parquet file")]
    public async Task A_table_that_cannot_be_read_is_named(string content, string error)
    {
        var file = _folder.Write("table.csv", content);

        var refused = await Assert.ThrowsAsync<UserInputException>(async () =>
        {
            var preview = await TableConverter.PreviewAsync(file, 5, TestContext.Current.CancellationToken);
            await TableConverter.ConvertAsync(file, TableColumns.Guess(preview.Columns), Output, TestContext.Current.CancellationToken);
        });

        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
        Assert.Contains("table.csv", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_named_and_not_replaced()
    {
        var file = _folder.Write("table.csv", [.. "q,a\ncaf"u8, 0xE9, .. ",1\n"u8]);

        Assert.Contains("not valid UTF-8", (await Assert.ThrowsAsync<UserInputException>(() => TableConverter.PreviewAsync(file, 5, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    private const string RunLengthBooleans =
        "UEFSMRUEFRQVGEwVAhUAAAAKJAYAAAAxICsgMT8VBhUIFQxcFSgVABUoFRAVBBUAAAAoAQIEACgVBhUUFRhcFSgVABUoFQYVBBUAAAAoAQgcBAAAAAdVVQUVBBUWFRpMFQIVAAAACygHAAAAeyJhIj" +
        "oxfRUGFQgVDFwVKBUAFSgVEBUEFQAAACgBAgQAKBUEFQwVEEwVAhUAAAAGFAIAAAD/ARUGFQgVDFwVKBUAFSgVEBUEFQAAACgBAgQAKBUEGVxIBHJvb3QVCAAVDCUCGAhxdWVzdGlvbiUAABUAJQIY" +
        "Am9rABUMJQIYBGluZm8lJgAVDCUCGANyYXcAFigZHBlMJggcFQwZJQAQGRgIcXVlc3Rpb24VAhYoFmAWaCY6JggAACZwHBUAGRUGGRgCb2sVAhYoFj4WQiZwAAAmsgEcFQwZJQAQGRgEaW5mbxUCFi" +
        "gWYhZqJuYBJrIBAAAmnAIcFQwZJQAQGRgDcmF3FQIWKBZYFmAmxgImnAIAABbYAhYoNvQCACgJaHlwYXJxdWV0GUwcAAAcAAAcAAAcAAAA4wAAAFBBUjE=";
}
