using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Tests.Cli;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Tests.Datasets.InvocationLogs;

public sealed class InvocationLogConverterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "out", "train.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_read_with_its_folders_plain_and_compressed_whatever_files_are_called()
    {
        Write("logs/2026/11/24/a.json", Log("What is 1 + 1?", "2", "r1"), Log("What is 2 + 2?", "4", "r2"));
        WriteCompressed("logs/2026/11/24/b.json.gz", Log("What is 3 + 3?", "6", "r3"));
        WriteCompressed("logs/2026/11/25/c.log", Log("What is 4 + 4?", "8", "r4"));
        Write("logs/amazon-bedrock-logs-permission-check", "Permission check");

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "logs"), Output, new());

        Assert.Equal((4, 0), (report.Converted, report.Skipped.Count));
        Assert.Equal(
            [.. "1234".Select(i => $$$"""{"messages":[{"role":"user","content":"What is {{{i}}} + {{{i}}}?"}],"id":"r{{{i}}}","requestMetadata":{"app":"demo"}}""")],
            File.ReadAllLines(Output));
    }

    [Fact]
    public void The_reply_becomes_the_reference_answer_where_it_is_asked_for()
    {
        Write("log.jsonl", Log("What is 1 + 1?", "2", "r1"), Without(Log("What is 2 + 2?", "4", "r2"), "output"), Log("What is 3 + 3?", "", "r3"));

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "log.jsonl"), Output, new(UsePromptResponse: true));

        var record = JsonNode.Parse(Assert.Single(File.ReadAllLines(Output)))!;
        Assert.Equal("2", record["reference_answer"]!.GetValue<string>());
        Assert.Equal(
            [new("log.jsonl", 2, "output is missing; without it the reply cannot become the reference_answer"), new SkippedLine("log.jsonl", 3, "the reply has no text, so that it cannot become the reference_answer")],
            report.Skipped);
    }

    [Fact]
    public void What_cannot_be_converted_is_reported_with_its_line_and_reason()
    {
        (string Line, string Reason)[] faults =
        [
            (With(Log("a", "b", "r1"), "errorCode", "\"ThrottlingException\""), "the call failed: errorCode ThrottlingException"),
            (With(Log("a", "b", "r2"), "operation", "\"ApplyGuardrail\""), "operation is \"ApplyGuardrail\""),
            (With(Log("a", "b", "r3"), "schemaType", "\"Other\""), "schemaType is \"Other\", not ModelInvocationLog"),
            (With(Log("a", "b", "r4"), "input", """{"inputContentType":"application/json","inputBodyS3Path":"s3://logs/data/x_input.json.gz"}"""), "the input body is not in the record but in S3 (s3://logs/data/x_input.json.gz)"),
            (With(Log("a", "b", "r5"), "input", "{}"), "input.inputBodyJson is missing"),
            (Without(Log("a", "b", "r6"), "input"), "input is missing"),
            (With(Log("a", "b", "r7"), "modelId", "\"amazon.titan-embed-text-v2:0\""), "makes embeddings, not answers"),
            (With(Log("a", "b", "r8"), "input", """{"inputBodyJson":{"messages":[{"role":"user","content":[{"image":{"format":"png"}}]}]}}"""), "messages[0].content[0] is an image"),
            (With(Log("a", "b", "r9"), "input", """{"inputBodyJson":{"messages":[{"role":"user","content":[{"text":""}]}]}}"""), "messages[0].content is empty"),
            (With(Log("a", "b", "r10"), "input", """{"inputBodyJson":{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"c","content":[{"text":"4"}]}}]}]}}"""), "messages has no user turn"),
            (With(Log("a", "b", "r11"), "input", """{"inputBodyJson":"not json"}"""), "input.inputBodyJson is text that is not JSON"),
            ("""{"hello":"world"}""", "not a record of a model invocation log"),
            ("{\"schemaType\":", "not valid JSON"),
            ("[]", "a JSON list"),
        ];
        Write("log.jsonl", [Log("sound", "b", "r0"), .. faults.Select(fault => fault.Line)]);

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "log.jsonl"), Output, new());

        Assert.Equal(1, report.Converted);
        Assert.Equal(Enumerable.Range(2, faults.Length), report.Skipped.Select(skipped => skipped.Line));
        Assert.All(faults.Zip(report.Skipped), pair => Assert.Contains(pair.First.Reason, pair.Second.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_conversation_is_taken_once()
    {
        Write("logs/a.jsonl", Log("What is 1 + 1?", "2", "r1"), Log("What is 1 + 1?", "two", "r2"));
        Write("logs/b.jsonl", Log("What is 1 + 1?", "2", "r3"), Log("What is 2 + 2?", "4", "r1"));

        var prompts = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "logs"), Output, new());
        Assert.Equal(2, prompts.Converted);
        Assert.Equal(
            [new("a.jsonl", 2, "a duplicate: the same conversation is in line 1"), new SkippedLine("b.jsonl", 1, "a duplicate: the same conversation is in a.jsonl, line 1")],
            prompts.Skipped);
        // The id r1 is used already: the record is given another when it is read.
        Assert.Equal(["r1", "line-2"], TrainingRecordReader.Read(Output, TestContext.Current.CancellationToken).Accepted.Select(record => record.Id));

        // Another reply is another example.
        Assert.Equal(3, InvocationLogConverter.Convert(Path.Combine(_folder.Path, "logs"), Output, new(UsePromptResponse: true)).Converted);
    }

    [Fact]
    public void A_filter_leaves_calls_out_without_calling_them_skipped()
    {
        Write("log.jsonl", Log("a", "b", "r1"), With(Log("c", "d", "r2"), "requestMetadata", """{"app":"other"}"""), Without(Log("e", "f", "r3"), "requestMetadata"));

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "log.jsonl"), Output, new(Filter: MetadataFilter.Parse("""{"notEquals":{"app":"demo"}}""", "f")), keepFirst: 1);

        Assert.Equal((2, 1, 0), (report.Converted, report.Filtered, report.Skipped.Count));
        var first = Assert.Single(report.First);
        Assert.Equal((2, File.ReadLines(Output).First()), (first.Line, first.Record));
        Assert.Contains("\"r2\"", first.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_leave_out_the_calls_before_and_after_them_failed_ones_too()
    {
        Write("log.jsonl",
            Of("2026-03-01T23:59:59Z", "a"), Of("2026-03-02T00:00:00Z", "b"), Of("2026-03-04T01:30:00+02:00", "c"), Of("2026-03-04T00:00:00Z", "d"),
            With(Of("2026-02-01T00:00:00Z", "e"), "errorCode", "\"ThrottlingException\""), Of("yesterday", "f"));

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "log.jsonl"), Output, new() { From = new(2026, 3, 2), To = new(2026, 3, 3) });

        Assert.Equal(["b", "c"], File.ReadAllLines(Output).Select(line => JsonNode.Parse(line)!["id"]!.GetValue<string>()));
        Assert.Equal(3, report.Filtered);
        Assert.Equal(new SkippedLine("log.jsonl", 6, "timestamp is missing or no time, so that its day is not known"), Assert.Single(report.Skipped));
        Assert.Throws<UserInputException>(() => InvocationLogConverter.Convert(_folder.Path, Output, new() { From = new(2026, 3, 2), To = new(2026, 3, 1) }));

        static string Of(string timestamp, string id) => With(Log($"What is {id}?", "x", id), "timestamp", $"\"{timestamp}\"");
    }

    [Fact]
    public void Several_places_are_read_as_one_under_their_names()
    {
        Write("one/a.jsonl", Log("What is 1 + 1?", "2", "r1"), "{}");
        Write("two/a.jsonl", Log("What is 1 + 1?", "2", "r2"), Log("What is 2 + 2?", "4", "r3"));

        var report = InvocationLogConverter.Convert([new(Path.Combine(_folder.Path, "one"), "shop"), new(Path.Combine(_folder.Path, "two"), "desk")], Output, new());

        Assert.Equal(2, report.Converted);
        Assert.Equal(["shop/a.jsonl, line 2", "desk/a.jsonl, line 1"], report.Skipped.Select(line => $"{line.File}, line {line.Line}"));
        Assert.EndsWith("shop/a.jsonl, line 1", report.Skipped[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_among_others_costs_only_its_rest()
    {
        WriteCompressed("logs/a.json.gz", [.. Enumerable.Range(0, 500).Select(i => Log($"What is {i} + {Random.Shared.NextInt64()}?", "x", $"r{i}"))]);
        var path = Path.Combine(_folder.Path, "logs", "a.json.gz");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^2000]);
        Write("logs/b.json", Log("What is 1 + 1?", "2", "s"));

        var report = InvocationLogConverter.Convert(Path.Combine(_folder.Path, "logs"), Output, new());

        Assert.InRange(report.Converted, 2, 500);
        Assert.Contains(report.Skipped, skipped => skipped.File == "a.json.gz" && (skipped.Reason.Contains("gzip data is damaged", StringComparison.Ordinal) || skipped.Reason.Contains("not valid JSON", StringComparison.Ordinal)));
        Assert.Contains("\"id\":\"s\"", File.ReadAllText(Output), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_converted_is_accepted_for_training()
    {
        var random = new Random(6);
        var sound = Encoding.UTF8.GetBytes(string.Join('\n', Log("What is 1 + 1?", "2", "r1"), Log("ünïcode 🎈", "b", "r2")) + "\n");
        for (var trial = 0; trial < 300; trial++)
        {
            var damaged = sound.ToArray();
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var report = InvocationLogConverter.Convert(_folder.Write("log.jsonl", damaged), Output, new(UsePromptResponse: trial % 2 == 0));

            Assert.Empty(TrainingRecordReader.Read(Output, TestContext.Current.CancellationToken).Rejected);
            Assert.Equal(report.Converted, File.ReadLines(Output).Count());
        }
    }

    [Fact]
    public void Nothing_is_written_where_the_input_is_missing()
    {
        Assert.Contains("there is no such file or folder", Assert.Throws<UserInputException>(() => InvocationLogConverter.Convert(Path.Combine(_folder.Path, "none"), Output, new())).Message, StringComparison.Ordinal);
        Assert.Contains("holds no file", Assert.Throws<UserInputException>(() => InvocationLogConverter.Convert(Directory.CreateDirectory(Path.Combine(_folder.Path, "empty")).FullName, Output, new())).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public async Task The_command_prints_one_object()
    {
        var log = Write("log.jsonl", Log("What is 1 + 1?", "2", "r1"), "{}", With(Log("c", "d", "r2"), "requestMetadata", """{"app":"other"}"""));
        var filter = _folder.Write("filter.json", """{"equals":{"app":"demo"}}""");

        var result = await Engine.RunAsync("convert-logs", "--input", log, "--output", Output, "--use-prompt-response", "--filter", filter, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, result.Json.GetProperty("converted").GetInt32());
        var skipped = Assert.Single(result.Json.GetProperty("skipped").EnumerateArray());
        Assert.Equal(("log.jsonl", 2), (skipped.GetProperty("file").GetString(), skipped.GetProperty("line").GetInt32()));
        Assert.Equal("2", JsonElement.Parse(Assert.Single(File.ReadAllLines(Output))).GetProperty("reference_answer").GetString());
    }

    [Theory]
    [InlineData("--from", "24.11.2026", "--from: 24.11.2026 is no day")]
    [InlineData("--to", "2026-02-30", "--to: 2026-02-30 is no day")]
    public async Task A_day_that_is_none_ends_the_command_with_one_line(string option, string day, string message)
    {
        var result = await Engine.RunAsync("convert-logs", "--input", Write("log.jsonl", Log("a", "b", "r1")), "--output", Output, option, day);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(message, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_that_mixes_and_with_or_ends_the_command_with_one_line()
    {
        var filter = _folder.Write("filter.json", """{"andAll":[{"equals":{"a":"b"}}],"orAll":[{"equals":{"a":"b"}}]}""");

        var result = await Engine.RunAsync("convert-logs", "--input", _folder.Path, "--output", Output, "--filter", filter);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("andAll and orAll are not mixed", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    internal static string Log(string prompt, string reply, string id) => new JsonObject
    {
        ["schemaType"] = "ModelInvocationLog",
        ["schemaVersion"] = "1.0",
        ["timestamp"] = "2026-11-24T06:00:00Z",
        ["accountId"] = "123456789012",
        ["identity"] = new JsonObject { ["arn"] = "arn:aws:iam::123456789012:user/ann" },
        ["region"] = "us-east-1",
        ["requestId"] = id,
        ["operation"] = "Converse",
        ["modelId"] = "amazon.nova-lite-v1:0",
        ["input"] = new JsonObject
        {
            ["inputContentType"] = "application/json",
            ["inputBodyJson"] = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["text"] = prompt }) }) },
            ["inputTokenCount"] = 4,
        },
        ["output"] = new JsonObject
        {
            ["outputContentType"] = "application/json",
            ["outputBodyJson"] = new JsonObject { ["output"] = new JsonObject { ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["text"] = reply }) } }, ["stopReason"] = "end_turn" },
        },
        ["requestMetadata"] = new JsonObject { ["app"] = "demo" },
    }.ToJsonString();

    private static string With(string log, string key, string json)
    {
        var record = JsonNode.Parse(log)!.AsObject();
        record[key] = JsonNode.Parse(json);
        return record.ToJsonString();
    }

    private static string Without(string log, string key)
    {
        var record = JsonNode.Parse(log)!.AsObject();
        record.Remove(key);
        return record.ToJsonString();
    }

    private string Write(string name, params string[] lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder.Path, name))!);
        return _folder.Write(name, string.Join('\n', lines) + "\n");
    }

    private void WriteCompressed(string name, params string[] lines)
    {
        var path = Write(name, lines);
        var content = File.ReadAllBytes(path);
        using var target = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        target.Write(content);
    }
}
