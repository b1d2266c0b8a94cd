using System.Text.Json;

using RftConsole.Tests.Web.Fakes;

namespace RftConsole.Tests.Cli;

public sealed class ValidateCommandTests : IDisposable
{
    private const string Sound = """{"messages":[{"role":"user","content":"What is 1 + 1?"}],"reference_answer":"2"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_report_is_one_object_with_what_became_of_each_line()
    {
        string data = _folder.Write("records.jsonl", $"{Sound}\n\n{{\"messages\":[]}}\n");

        var result = await Engine.RunAsync("validate", "--data", data, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["accepted", "rejected", "warnings", "tokens"], result.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(1, result.Json.GetProperty("accepted").GetInt32());
        var rejected = Assert.Single(result.Json.GetProperty("rejected").EnumerateArray());
        Assert.Equal((3, "messages must be a non-empty list, not an empty one", "{\"messages\":[]}"), (rejected.GetProperty("line").GetInt32(), rejected.GetProperty("reason").GetString(), rejected.GetProperty("excerpt").GetString()));
        Assert.All(result.Json.GetProperty("warnings").EnumerateArray(), warning => Assert.Equal(JsonValueKind.String, warning.ValueKind));
        Assert.Equal(JsonValueKind.Null, result.Json.GetProperty("tokens").ValueKind);
    }

    [Fact]
    public async Task With_a_model_it_counts_tokens_and_what_would_be_dropped()
    {
        string data = _folder.Write("records.jsonl", $"{Sound}\n{Sound.Replace("1 + 1", string.Join(" + ", Enumerable.Repeat("1", 60)), StringComparison.Ordinal)}\n");

        var tokens = (await Engine.RunAsync("validate", "--data", data, "--model", "starter", "--max-prompt-length", "50", "--json")).Json.GetProperty("tokens");

        Assert.Equal((2, 50, 1), (tokens.GetProperty("count").GetInt32(), tokens.GetProperty("limit").GetInt32(), tokens.GetProperty("dropped").GetInt32()));
        Assert.Equal(2, tokens.GetProperty("histogram").EnumerateArray().Sum(bin => bin.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task A_validation_file_is_reported_beside_it()
    {
        string data = _folder.Write("records.jsonl", Sound);

        var result = (await Engine.RunAsync("validate", "--data", data, "--validation", data, "--json")).Json;

        Assert.Equal(1, result.GetProperty("validation").GetProperty("accepted").GetInt32());
        Assert.Contains(result.GetProperty("warnings").EnumerateArray(), warning => warning.GetString()!.StartsWith("Training and validation data overlap", StringComparison.Ordinal));
    }
}
