using System.IO.Compression;
using System.Text;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Tests.Web.Fakes;

namespace RftConsole.Tests.Datasets;

/// <summary>
/// Files with one fault each, at a known line between sound ones: every class of fault is reported with its line and its reason, the
/// sound lines stay, and nothing crashes.
/// </summary>
public sealed class MalformedCorpusTests : IDisposable
{
    private const string User = """{"role":"user","content":"Hi"}""";

    private readonly TemporaryFolder _folder = new();

    /// <summary>Lines of text, in which <see cref="Filled"/> replaces the words with an @, and a part of the reason.</summary>
    private static readonly Dictionary<string, (string Line, string Reason)> s_lines = new()
    {
        ["empty object"] = ("{}", "messages is missing"),
        ["messages null"] = ("""{"messages":null}""", "messages must be a non-empty list, not null"),
        ["messages number"] = ("""{"messages":7}""", "messages must be a non-empty list, not 7"),
        ["messages object"] = ("""{"messages":{}}""", "messages must be a non-empty list, not an object"),
        ["messages empty"] = ("""{"messages":[]}""", "messages must be a non-empty list, not an empty one"),
        ["messages in capitals"] = ("""{"Messages":[@user]}""", "messages is missing"),
        ["prompt and completion"] = ("""{"prompt":"Hi","completion":"Hello"}""", "messages is missing"),
        ["message null"] = ("""{"messages":[null]}""", "messages[0] must be an object, not null"),
        ["message text"] = ("""{"messages":["Hi"]}""", "messages[0] must be an object, not a string"),
        ["message list"] = ("""{"messages":[[]]}""", "messages[0] must be an object, not a list"),
        ["role missing"] = ("""{"messages":[{"content":"Hi"}]}""", "messages[0].role is missing"),
        ["role null"] = ("""{"messages":[{"role":null,"content":"Hi"}]}""", "messages[0].role must be a non-empty string, not null"),
        ["role empty"] = ("""{"messages":[{"role":"","content":"Hi"}]}""", "messages[0].role must be a non-empty string, not an empty string"),
        ["role number"] = ("""{"messages":[{"role":1,"content":"Hi"}]}""", "messages[0].role must be a non-empty string, not 1"),
        ["role unknown"] = ("""{"messages":[{"role":"human","content":"Hi"}]}""", "messages[0].role is \"human\""),
        ["role in capitals"] = ("""{"messages":[{"role":"User","content":"Hi"}]}""", "messages[0].role is \"User\""),
        ["role function"] = ("""{"messages":[@user,{"role":"function","content":"4"},@user]}""", "messages[1].role is \"function\""),
        ["system second"] = ("""{"messages":[@user,{"role":"system","content":"x"},@user]}""", "messages[1].role is \"system\", which only the first message may be"),
        ["developer after system"] = ("""{"messages":[{"role":"system","content":"x"},{"role":"developer","content":"x"},@user]}""", "messages[1].role is \"developer\""),
        ["only system"] = ("""{"messages":[{"role":"system","content":"x"}]}""", "messages has no user turn"),
        ["only assistant"] = ("""{"messages":[{"role":"assistant","content":"x"}]}""", "messages has no user turn"),
        ["tool last"] = ("""{"messages":[@user,{"role":"tool","content":"4","tool_call_id":"c"}]}""", "the last message is a tool turn"),
        ["two answers last"] = ("""{"messages":[@user,{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}""", "ends with two assistant turns"),
        ["content missing"] = ("""{"messages":[{"role":"user"}]}""", "messages[0].content is missing"),
        ["content null"] = ("""{"messages":[{"role":"user","content":null}]}""", "messages[0].content is missing; it may be null only beside tool_calls"),
        ["content empty"] = ("""{"messages":[{"role":"user","content":""}]}""", "messages[0].content is empty"),
        ["content number"] = ("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content must be a string or a list of text parts, not 5"),
        ["content object"] = ("""{"messages":[{"role":"user","content":{"text":"Hi"}}]}""", "messages[0].content must be a string or a list of text parts, not an object"),
        ["content without parts"] = ("""{"messages":[{"role":"user","content":[]}]}""", "messages[0].content is empty"),
        ["content of empty parts"] = ("""{"messages":[{"role":"user","content":[{"type":"text","text":""}]}]}""", "messages[0].content is empty"),
        ["part text"] = ("""{"messages":[{"role":"user","content":["Hi"]}]}""", "messages[0].content[0] must be an object, not a string"),
        ["part without type"] = ("""{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}""", "messages[0].content[0].type is missing"),
        ["part without text"] = ("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text must be a string"),
        ["part image"] = ("""{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content[1].type is \"image_url\"; only text parts are supported"),
        ["part with a further key"] = ("""{"messages":[{"role":"user","content":[{"type":"text","text":"a","cache":1}]}]}""", "messages[0].content[0] has the key \"cache\""),
        ["message with a further key"] = ("""{"messages":[{"role":"user","content":"Hi","name":"Ann"}]}""", "messages[0] has the key \"name\""),
        ["calls in a user turn"] = ("""{"messages":[{"role":"user","content":"Hi","tool_calls":[{"function":{"name":"f"}}]}]}""", "messages[0].tool_calls stands in a user turn"),
        ["calls no list"] = ("""{"messages":[@user,{"role":"assistant","tool_calls":{}},@user]}""", "messages[1].tool_calls must be a non-empty list"),
        ["call without function"] = ("""{"messages":[@user,{"role":"assistant","content":null,"tool_calls":[{"id":"c"}]},@user]}""", "messages[1].tool_calls[0].function is missing"),
        ["call id in a user turn"] = ("""{"messages":[{"role":"user","content":"Hi","tool_call_id":"c"}]}""", "messages[0].tool_call_id stands in a user turn"),
        ["call id number"] = ("""{"messages":[@user,{"role":"tool","content":"4","tool_call_id":5},@user]}""", "messages[1].tool_call_id must be a non-empty string, not 5"),
        ["tools object"] = ("""{"messages":[@user],"tools":{}}""", "tools must be a list, not an object"),
        ["tool of another type"] = ("""{"messages":[@user],"tools":[{"type":"retrieval"}]}""", "tools[0].type must be \"function\""),
        ["tool without a name"] = ("""{"messages":[@user],"tools":[{"type":"function","function":{}}]}""", "tools[0].function.name is missing"),
        ["reference number"] = ("""{"messages":[@user],"reference_answer":42}""", "reference_answer must be a string or an object, not 42"),
        ["reference list"] = ("""{"messages":[@user],"reference_answer":["a"]}""", "reference_answer must be a string or an object, not a list"),
        ["reference true"] = ("""{"messages":[@user],"reference_answer":true}""", "reference_answer must be a string or an object, not true"),
        ["id empty"] = ("""{"messages":[@user],"id":""}""", "id must be a non-empty string, not an empty string"),
        ["id blank"] = ("""{"messages":[@user],"id":"  "}""", "id must be a non-empty string"),
        ["id 64-bit number"] = ("""{"messages":[@user],"id":9223372036854775807}""", "id must be a non-empty string, not 9223372036854775807"),
        ["id used before"] = ("""{"messages":[@user],"id":"first"}""", "id \"first\" is already the id of line 1"),
        ["key twice"] = ("""{"messages":[@user],"id":"a","id":"b"}""", "the key \"id\" stands twice"),
        ["key twice, once escaped"] = ("""{"messages":[@user],"id":"a","\u0069d":"b"}""", "the key \"id\" stands twice"),
        ["key twice in a message"] = ("""{"messages":[{"role":"user","content":"a","content":"b"}]}""", "the key \"content\" stands twice in messages[0]"),
        ["key twice further in"] = ("""{"messages":[@user],"x":[{"y":1,"y":2}]}""", "the key \"y\" stands twice in x[0]"),
        ["key twice among many"] = ("""{"messages":[@user],"x":{@keys,"k3":2}}""", "the key \"k3\" stands twice in x"),
        ["half a surrogate pair"] = ("""{"messages":[{"role":"user","content":"\ud83d"}]}""", "messages[0].content holds half of a surrogate pair"),
        ["half a surrogate pair in a key"] = ("""{"messages":[@user],"\udc00":1}""", "a key holds half of a surrogate pair"),
        ["number beyond a double"] = ("""{"messages":[@user],"x":1e999}""", "x is 1e999, which is beyond the largest number"),
        ["NaN"] = ("""{"messages":[@user],"x":NaN}""", "not valid JSON at byte 50"),
        ["infinity"] = ("""{"messages":[@user],"x":-Infinity}""", "not valid JSON at byte 51"),
        ["leading zero"] = ("""{"messages":[@user],"x":007}""", "not valid JSON at byte 51"),
        ["single quotes"] = ("{'messages':[]}", "not valid JSON at byte 2"),
        ["comment"] = ("// a comment", "not valid JSON at byte 1"),
        ["trailing comma"] = ("""{"messages":[@user],}""", "a comma stands before a closing bracket"),
        ["trailing comma in a list"] = ("""{"messages":[@user,]}""", "a comma stands before a closing bracket"),
        ["cut off"] = ("""{"messages":[@user""", "the line ends within the object"),
        ["cut off in a string"] = ("""{"messages":[{"role":"us""", "the line ends within the object"),
        ["the beginning of an array"] = ("[", "the line ends within the object"),
        ["two objects"] = ("""{"messages":[@user]}{"messages":[@user]}""", "something follows the object"),
        ["a line of an array"] = ("""{"messages":[@user]},""", "something follows the object"),
        ["a tab in a string"] = ("{\"messages\":[{\"role\":\"user\",\"content\":\"a\tb\"}]}", "not valid JSON at byte 41"),
        ["a NUL"] = ("{\"messages\":[{\"role\":\"user\",\"content\":\"a\0b\"}]}", "not valid JSON at byte 41"),
        ["an escape that is none"] = ("""{"messages":[{"role":"user","content":"a\xb"}]}""", "not valid JSON"),
        ["a list"] = ("""[{"messages":[@user]}]""", "not a JSON array"),
        ["a string"] = ("\"Hi\"", "not a JSON object"),
        ["a number"] = ("42", "not a JSON object"),
        ["null"] = ("null", "not a JSON object"),
        ["a CSV header"] = ("messages,id", "not valid JSON at byte 1"),
        ["a byte order mark in the middle"] = ("""@mark{"messages":[@user]}""", "not valid JSON at byte 1"),
        ["nested deeper than any parser likes"] = ("""{"messages":[@user],"x":@lists}""", "nested deeper than 48 levels"),
        ["nested and cut off"] = (string.Concat(Enumerable.Repeat("{\"a\":", 60_000)), "nested deeper than 48 levels"),
        ["ten megabytes"] = ("""{"messages":[{"role":"user","content":"@long"}]}""", "longer than 8 MB"),
    };

    public static TheoryData<string> Faults => [.. s_lines.Keys, .. Bytes.Keys];

    /// <summary>Lines that no text can hold.</summary>
    private static Dictionary<string, (byte[] Line, string Reason)> Bytes => new()
    {
        ["Latin-1"] = ([.. "{\"messages\":[{\"role\":\"user\",\"content\":\"caf"u8, 0xE9, .. "\"}]}"u8], "not valid UTF-8 at byte 43"),
        ["a continuation byte alone"] = ([.. "{\"id\":\""u8, 0x80, .. "\"}"u8], "not valid UTF-8 at byte 8"),
        ["an overlong encoding"] = ([.. "{\"id\":\""u8, 0xC0, 0xAF, .. "\"}"u8], "not valid UTF-8 at byte 8"),
        ["a surrogate in UTF-8"] = ([.. "{\"id\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8], "not valid UTF-8 at byte 8"),
        ["cut off within a character"] = ([.. "{\"id\":\""u8, 0xE2, 0x82], "not valid UTF-8 at byte 8"),
        ["beyond Unicode"] = ([.. "{\"id\":\""u8, 0xF5, 0x80, 0x80, 0x80, .. "\"}"u8], "not valid UTF-8 at byte 8"),
        ["bytes of a ZIP archive"] = ([0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0xFF, 0xC3], "not valid UTF-8 at byte 7"),
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_reported_with_its_line_and_reason(string name)
    {
        var (line, reason) = s_lines.TryGetValue(name, out var text) ? (Encoding.UTF8.GetBytes(Filled(text.Line)), text.Reason) : Bytes[name];

        // Blank lines and CRLF count as lines, and the faulty line is the last one too, without an end.
        byte[] file = [.. Sound("first"), .. "\r\n\n"u8, .. line, .. "\r\n   \n"u8, .. Sound("second"), .. "\n"u8, .. line];
        var path = _folder.Write("data.jsonl", file);

        var (summary, _) = await DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([3, 6], summary.Rejected.Select(rejected => rejected.Line));
        Assert.All(summary.Rejected, rejected => Assert.Contains(reason, rejected.Reason, StringComparison.Ordinal));
        Assert.All(summary.Rejected, rejected => Assert.InRange(rejected.Excerpt.Length, 1, 121));
        Assert.All(summary.Rejected, rejected => Assert.DoesNotContain(rejected.Excerpt, char.IsControl));
        Assert.Equal((2, 2), (summary.Accepted, summary.RejectedCount));
    }

    [Theory]
    [InlineData("an empty file", "")]
    [InlineData("only blank lines", "\n\r\n  \t\n")]
    [InlineData("only a byte order mark", "\uFEFF")]
    public async Task A_file_without_lines_has_no_records_and_no_faults(string name, string content)
    {
        var (summary, _) = await DatasetScan.RunAsync(_folder.Write("data.jsonl", content), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (summary.Accepted, summary.RejectedCount));
        Assert.True(summary.Warnings.Any(warning => warning.StartsWith("0 records", StringComparison.Ordinal)), name);
    }

    [Fact]
    public async Task Both_byte_orders_of_utf16_are_one_rejected_line()
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            var path = _folder.Write("data.jsonl", [.. encoding.Preamble, .. encoding.GetBytes("{\"messages\":[]}\n{}\n")]);

            var (summary, _) = await DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken);

            Assert.Equal((1, "the file is in UTF-16; save it as UTF-8"), (Assert.Single(summary.Rejected).Line, summary.Rejected[0].Reason));
            Assert.StartsWith("{\"messages\"", summary.Rejected[0].Excerpt, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_compressed_file_is_read_by_its_content_and_damage_names_the_line()
    {
        var plain = Enumerable.Range(1, 2000).SelectMany(i => (byte[])[.. Sound($"r{i}"), (byte)'\n']).ToArray();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        var (summary, _) = await DatasetScan.RunAsync(_folder.Write("data.jsonl", packed.ToArray()), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(2000, summary.Accepted);

        var damaged = packed.ToArray();
        damaged.AsSpan(damaged.Length / 2, 64).Fill(0xAA);
        var error = await Assert.ThrowsAsync<UserInputException>(() => DatasetScan.RunAsync(_folder.Write("damaged.jsonl.gz", damaged), cancellation: TestContext.Current.CancellationToken));
        Assert.Matches(@"damaged\.jsonl\.gz, line \d+: the gzip data is damaged here", error.Message);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(700)]
    public async Task A_compressed_file_that_is_cut_off_is_not_taken_for_a_shorter_one(int missing)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write([.. Enumerable.Range(1, 2000).SelectMany(i => (byte[])[.. Sound($"r{i}"), (byte)'\n'])]);
        }

        var path = _folder.Write("cut.jsonl.gz", packed.ToArray()[..^missing]);

        var error = await Assert.ThrowsAsync<UserInputException>(() => DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken));
        Assert.Matches(@"cut\.jsonl\.gz, line \d+: the gzip data is damaged here", error.Message);
    }

    [Fact]
    public void Integers_of_any_size_keep_every_digit()
    {
        var report = TrainingRecordReader.Read(
            new MemoryStream(Encoding.UTF8.GetBytes($$"""{"messages":[{{User}}],"a":9007199254740993,"b":-9223372036854775808,"c":18446744073709551615,"d":123456789012345678901234567890}""")), "data.jsonl");

        Assert.Equal(
            """{"a":9007199254740993,"b":-9223372036854775808,"c":18446744073709551615,"d":123456789012345678901234567890}""",
            Assert.Single(report.Accepted).Metadata.ToJsonString());
    }

    private static string Filled(string line) => line
        .Replace("@user", User, StringComparison.Ordinal)
        .Replace("@keys", string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"k{i}\":1")), StringComparison.Ordinal)
        .Replace("@lists", new string('[', 100_000) + new string(']', 100_000), StringComparison.Ordinal)
        .Replace("@long", new string('x', 10_000_000), StringComparison.Ordinal)
        .Replace("@mark", "\uFEFF", StringComparison.Ordinal);

    private static byte[] Sound(string id) => Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"What is {{id}}?"}],"reference_answer":"x","id":"{{id}}"}""");
}
