using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The command <c>reward</c> as a process of its own, and the file that it reads.</summary>
public sealed class RewardCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reward-command").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_and_errors_come_as_one_object()
    {
        string samples = Write("samples.jsonl", """
            {"id":"a:0","messages":[{"role":"user","content":"48+24?"},{"role":"assistant","content":"#### 72"}],"reference_answer":"72"}
            {"id":"b:0","messages":[{"role":"assistant","content":[{"type":"text","text":"#### "},{"type":"text","text":"73"}]}],"metadata":{"reference_answer":{"answer":72}}}
            {"id":"c:0","messages":[{"role":"assistant","content":""}]}
            """);
        (int status, string output, string error) = await RunAsync("reward", "--reward", "math-reasoning", "--samples", samples, "--json");

        Assert.Equal((0, ""), (status, error));
        JsonNode result = JsonNode.Parse(output)!;
        Assert.Equal(["a:0 1", "b:0 0", "c:0 0"], result["results"]!.AsArray().Select(entry => $"{entry!["id"]} {entry["aggregate_reward_score"]}"));
        Assert.Equal("""{"name":"accuracy","value":1,"type":"Reward"}""", result["results"]![0]!["metrics_list"]![0]!.ToJsonString());
        Assert.Equal("c:0", Assert.Single(result["errors"]!.AsArray())!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_benchmark_names_what_it_measured()
    {
        (int status, string output, string error) = await RunAsync("bench", "reward", "--repeat", "1", "--json");
        Assert.Equal((0, ""), (status, error));
        JsonObject figures = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(["completions", "completions_per_second", "milliseconds_per_call", "seconds", "seconds_with_start", "start_seconds"], figures.Select(figure => figure.Key));
        Assert.All(figures, figure => Assert.True(figure.Value!.GetValue<double>() > 0));
        Assert.True(figures["seconds_with_start"]!.GetValue<double>() > figures["seconds"]!.GetValue<double>());
    }

    [Fact]
    public async Task A_file_with_a_syntax_error_ends_with_status_2_and_one_line()
    {
        string samples = Write("samples.jsonl", """{"id":"a:0","messages":[{"role":"assistant","content":"72"}]}""");
        string reward = Write("reward.py", "def lambda_handler(event, context)\n    return []\n");
        (int status, string output, string error) = await RunAsync("reward", "--reward", reward, "--samples", samples, "--json");
        Assert.Equal((2, ""), (status, output));
        Assert.Equal("The reward function reward.py cannot be used: SyntaxError: expected ':' (line 1).\n", error);
    }

    [Fact]
    public async Task Nothing_is_left_when_the_host_is_killed()
    {
        string started = Path.Combine(_folder, "reward.py");
        string samples = Write("samples.jsonl", """{"id":"a:0","messages":[{"role":"assistant","content":"72"}]}""");
        Write("reward.py", "import os, time\ndef lambda_handler(event, context):\n    os.fork()\n    os.setsid()\n    while True: time.sleep(1)\n");
        using Process host = Start("reward", "--reward", started, "--samples", samples);
        IReadOnlyList<int> inside = [];
        // The sandbox, the worker, the call and what the call forked.
        Assert.True(SpinWait.SpinUntil(() => (inside = SandboxFixture.Descendants(host.Id)).Count >= 4, TimeSpan.FromSeconds(60)));

        host.Kill(entireProcessTree: false);

        Assert.True(SpinWait.SpinUntil(() => inside.All(process => !IsAlive(process)), TimeSpan.FromSeconds(10)), "processes of the sandbox outlived the host");
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"assistant","content":"72"}]}""", "line 1: id is missing")]
    [InlineData("""{"id":"a","messages":[]}""", "line 1: messages is missing")]
    [InlineData("""{"id":"a","messages":[{"content":"72"}]}""", "line 1: messages[0] must be an object with role and content")]
    [InlineData("""{"id":"a","messages":[{"role":"assistant","content":7}]}""", "line 1: messages[0].content must be a text")]
    [InlineData("""{"id":"a","messages":[{"role":"assistant","content":"72"}],"metadata":[]}""", "line 1: metadata must be an object")]
    [InlineData("{\"id\":\"a\",\"messages\":[{\"role\":\"assistant\",\"content\":\"1\"}]}\n\n{\"id\":\"a\",\"messages\":[{\"role\":\"assistant\",\"content\":\"1\"}]}", "line 3: id \"a\" stands in an earlier line already")]
    [InlineData("{", "line 1: not valid JSON")]
    [InlineData("", "holds no samples")]
    public void A_sample_that_cannot_be_used_is_named_with_its_line(string content, string message)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(content));
        UserInputException error = Assert.Throws<UserInputException>(() => RewardSampleReader.Read(stream, "samples.jsonl"));
        Assert.Contains(message, error.Message);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    /// <summary>A process that ended and waits for its parent to notice is not alive.</summary>
    private static bool IsAlive(int process) => SandboxFixture.ReadStat($"/proc/{process}") is { } stat && stat[stat.LastIndexOf(')') + 2] != 'Z';

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "RftConsole.Training.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output, await error);
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
