using System.Text;
using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Datasets;

namespace RftConsole.Tests.Datasets;

public sealed class TrainingRecordReaderTests
{
    private const string Valid = """{"messages":[{"role":"user","content":"Hi"}],"reference_answer":"x"}""";

    [Fact]
    public void A_full_record_keeps_everything()
    {
        var record = Accepted("""
            {"messages":[{"role":"developer","content":"Be brief"},{"role":"user","content":[{"type":"text","text":"Solve "},{"type":"text","text":"2x + 5 = 13"}]}],"reference_answer":{"solution":"x = 4","steps":["…"]},"id":"sample-001","difficulty":"easy","n":[1,null],"none":null}
            """);

        Assert.Equal("sample-001", record.Id);
        Assert.Equal([("system", "Be brief"), ("user", "Solve 2x + 5 = 13")], record.Messages.Select(message => (message.Role, message.Content)));
        Assert.Equal("x = 4", record.ReferenceAnswer!["solution"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"difficulty":"easy","n":[1,null],"none":null}"""), record.Metadata));
    }

    [Fact]
    public void A_conversation_with_tools_keeps_calls_and_tools()
    {
        var record = Accepted("""
            {"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{}"}}]},{"role":"tool","content":"4","tool_call_id":"c1"},{"role":"user","content":"and now?"}],"tools":[{"type":"function","function":{"name":"add"}}]}
            """);

        Assert.Equal("add", record.Messages[1].ToolCalls![0]!["function"]!["name"]!.GetValue<string>());
        Assert.Equal("c1", record.Messages[2].ToolCallId);
        Assert.Equal("add", record.Tools![0]!["function"]!["name"]!.GetValue<string>());
        Assert.Empty(record.Metadata);
    }

    [Fact]
    public void A_trailing_assistant_turn_is_left_out_with_a_notice()
    {
        var report = Read(Valid + "\n" + """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}],"reference_answer":"x"}""");

        Assert.Equal("user", Assert.Single(report.Accepted[1].Messages).Role);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("1 record ending with an assistant turn", StringComparison.Ordinal) && warning.Contains("line 2"));
    }

    [Theory]
    [InlineData("""{}""", "messages is missing")]
    [InlineData("""{"messages":[]}""", "messages must be a non-empty list, not an empty one")]
    [InlineData("""{"messages":"Hi"}""", "messages must be a non-empty list, not a string")]
    [InlineData("""{"messages":["Hi"]}""", "messages[0] must be an object, not a string")]
    [InlineData("""{"messages":[{"content":"Hi"}]}""", "messages[0].role is missing")]
    [InlineData("""{"messages":[{"role":"human","content":"Hi"}]}""", "messages[0].role is \"human\"")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"system","content":"x"},{"role":"user","content":"Hi"}]}""", "messages[1].role is \"system\", which only the first message may be")]
    [InlineData("""{"messages":[{"role":"system","content":"x"},{"role":"developer","content":"x"},{"role":"user","content":"Hi"}]}""", "messages[1].role is \"developer\"")]
    [InlineData("""{"messages":[{"role":"system","content":"Hi"}]}""", "messages has no user turn")]
    [InlineData("""{"messages":[{"role":"assistant","content":"Hi"}]}""", "messages has no user turn")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"tool","content":"4"}]}""", "the last message is a tool turn")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}""", "ends with two assistant turns")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content is missing")]
    [InlineData("""{"messages":[{"role":"user","content":null}]}""", "messages[0].content is missing")]
    [InlineData("""{"messages":[{"role":"user","content":""}]}""", "messages[0].content is empty")]
    [InlineData("""{"messages":[{"role":"user","content":[]}]}""", "messages[0].content is empty")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content must be a string or a list of text parts, not 5")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "messages[0].content[0].type is \"image_url\"; only text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":1}]}]}""", "messages[0].content[0].text must be a string")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi","name":"Ann"}]}""", "messages[0] has the key \"name\"")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi","tool_calls":[{"function":{"name":"f"}}]}]}""", "messages[0].tool_calls stands in a user turn")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi","tool_call_id":"c"}]}""", "messages[0].tool_call_id stands in a user turn")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"user","content":"Hi"}]}""", "messages[1].tool_calls must be a non-empty list")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c"}]},{"role":"user","content":"Hi"}]}""", "messages[1].tool_calls[0].function is missing")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"tools":{}}""", "tools must be a list, not an object")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"retrieval"}]}""", "tools[0].type must be \"function\"")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"reference_answer":42}""", "reference_answer must be a string or an object, not 42")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"reference_answer":["x"]}""", "reference_answer must be a string or an object, not a list")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"id":""}""", "id must be a non-empty string, not an empty string")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"id":7}""", "id must be a non-empty string, not 7")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"id":"a","id":"b"}""", "the key \"id\" stands twice")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"x":{"y":1,"y":2}}""", "the key \"y\" stands twice in x")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "messages[0].content holds half of a surrogate pair")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"\udc00":1}""", "a key holds half of a surrogate pair")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]""", "not valid JSON")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]} {}""", "not valid JSON")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}],"score":NaN}""", "not valid JSON at byte 54")]
    [InlineData("""[{"messages":[]}]""", "not a JSON array")]
    [InlineData("null", "not a JSON object")]
    [InlineData("messages,id", "not valid JSON at byte 1")]
    public void A_line_against_the_rules_is_rejected_with_its_number_reason_and_excerpt(string line, string reason)
    {
        var report = Read($"{Valid}\n\n{line}\n{Valid}");

        var rejected = Assert.Single(report.Rejected);
        Assert.Equal(3, rejected.Line);
        Assert.Contains(reason, rejected.Reason);
        Assert.Equal(line.Length <= 120 ? line : line[..120] + "…", rejected.Excerpt);
        Assert.Equal(2, report.Accepted.Count);
    }

    [Theory]
    [InlineData("\n", "")]
    [InlineData("\r\n", "")]
    [InlineData("\n", "\uFEFF")]
    [InlineData("\r\n", "\uFEFF")]
    public void Line_ends_and_byte_order_mark_make_no_difference(string lineEnd, string mark)
    {
        var report = Read(mark + string.Join(lineEnd, Valid, "", "  ", Valid) + lineEnd);

        Assert.Empty(report.Rejected);
        Assert.Equal(["line-1", "line-4"], report.Accepted.Select(record => record.Id));
    }

    [Fact]
    public void An_id_used_before_is_rejected_and_a_generated_one_makes_way()
    {
        var report = Read(string.Join('\n', Valid, WithId("a"), WithId("line-1"), WithId("a")));

        Assert.Equal("id \"a\" is already the id of line 2", Assert.Single(report.Rejected).Reason);
        Assert.Equal(["line-1'", "a", "line-1"], report.Accepted.Select(record => record.Id));
    }

    [Fact]
    public void Invalid_utf8_names_the_byte_and_the_excerpt_stays_readable()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(Valid + "\n"), .. "{\"id\":\""u8, 0xC3, 0x28, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(Valid)];

        var report = TrainingRecordReader.Read(new MemoryStream(bytes), "data.jsonl");

        var rejected = Assert.Single(report.Rejected);
        Assert.Equal((2, "not valid UTF-8 at byte 8; save the file as UTF-8", "{\"id\":\"\uFFFD(\"}"), (rejected.Line, rejected.Reason, rejected.Excerpt));
        Assert.Equal(2, report.Accepted.Count);
    }

    [Fact]
    public void Utf16_is_named_as_what_it_is()
    {
        var report = TrainingRecordReader.Read(new MemoryStream([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Valid)]), "data.jsonl");

        var rejected = Assert.Single(report.Rejected);
        Assert.Equal((1, "the file is in UTF-16; save it as UTF-8"), (rejected.Line, rejected.Reason));
        Assert.StartsWith("{\"messages\"", rejected.Excerpt, StringComparison.Ordinal);
        Assert.Empty(report.Accepted);
    }

    [Fact]
    public void Deep_nesting_is_rejected_and_nothing_overflows()
    {
        var deep = Valid[..^1] + ",\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}";

        Assert.Equal("nested deeper than 48 levels", Assert.Single(Read(deep + "\n" + Valid).Rejected).Reason);
    }

    [Fact]
    public void A_line_of_any_length_is_passed_over_and_the_next_one_read()
    {
        var stream = new MemoryStream();
        stream.Write("{\"x\":\""u8);
        stream.Write(Enumerable.Repeat((byte)'x', 20 * 1024 * 1024).ToArray());
        stream.Write(Encoding.UTF8.GetBytes("\"}\n" + Valid));
        stream.Position = 0;

        var report = TrainingRecordReader.Read(stream, "data.jsonl");

        var rejected = Assert.Single(report.Rejected);
        Assert.Equal((1, "longer than 8 MB"), (rejected.Line, rejected.Reason));
        Assert.Equal(121, rejected.Excerpt.Length);
        Assert.Equal("line-2", Assert.Single(report.Accepted).Id);
    }

    [Fact]
    public void Few_records_and_missing_references_are_warnings()
    {
        var report = Read("""{"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Single(report.Accepted);
        Assert.Contains(report.Warnings, warning => warning.StartsWith("1 record: fewer than 100", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, warning => warning.StartsWith("1 record without reference_answer", StringComparison.Ordinal));
        Assert.Empty(Read(string.Join('\n', Enumerable.Range(0, 100).Select(i => Valid.Replace("Hi", $"Hi {i}", StringComparison.Ordinal)))).Warnings);
    }

    [Fact]
    public void Any_damage_to_a_file_is_a_rejected_line_and_never_a_crash()
    {
        var file = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5).Select(i => WithId($"é{i}"))));
        var random = new Random(5);
        var rejected = 0;
        for (var trial = 0; trial < 3000; trial++)
        {
            var damaged = file.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(3, damaged.Length)] = (byte)random.Next(256);
            }

            rejected += TrainingRecordReader.Read(new MemoryStream(damaged), "data.jsonl").Rejected.Count;
        }

        Assert.True(rejected > 1000);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("no-such-file.jsonl", Assert.Throws<UserInputException>(() => TrainingRecordReader.Read("no-such-file.jsonl")).Message);

    private static string WithId(string id) => Valid[..^1] + $",\"id\":\"{id}\"}}";

    private static DatasetReport Read(string content) =>
        TrainingRecordReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(content)), "data.jsonl");

    private static TrainingRecord Accepted(string line)
    {
        var report = Read(line);
        Assert.Empty(report.Rejected);
        return Assert.Single(report.Accepted);
    }
}
