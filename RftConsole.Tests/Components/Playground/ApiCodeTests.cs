using System.Diagnostics;
using System.Text.Json;

using RftConsole.Web.Components.Playground;

namespace RftConsole.Tests.Components.Playground;

/// <summary>Code to copy says the same to a shell and to Python as the conversation does, whatever stands in it.</summary>
public sealed class ApiCodeTests
{
    private const string Hostile = "It's \"5\" \\ $HOME `id` $(id)\n\ttab 😀 漢字 \u2028 {x} 'end";

    private static readonly ApiCode s_code = new("http://127.0.0.1:5080/v1", "arith:ckpt-step-20", [new("system", "Be brief."), new("user", Hostile), new("assistant", "7"), new("user", "And 8?")], new(0.7, 64, 0.9, 7));

    [Fact]
    public async Task A_shell_sends_the_conversation_to_the_letter()
    {
        string sent = await RunAsync("bash", "curl() { printf '%s\\n' \"${@: -1}\"; }\n" + s_code.ToCurl());

        JsonElement body = JsonElement.Parse(sent);
        Assert.Equal("arith:ckpt-step-20", body.GetProperty("model").GetString());
        Assert.Equal(s_code.Messages.Select(message => (message.Role, message.Content)), body.GetProperty("messages").EnumerateArray().Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)));
        Assert.Equal((0.7, 64, 0.9, 7), (body.GetProperty("temperature").GetDouble(), body.GetProperty("max_tokens").GetInt32(), body.GetProperty("top_p").GetDouble(), body.GetProperty("seed").GetInt32()));
        Assert.Contains("Authorization: Bearer $RFTCONSOLE_API_KEY", s_code.ToCurl(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Python_reads_the_conversation_to_the_letter()
    {
        const string client =
            """
            import json, os, sys, types

            class Client:
                def __init__(self, **client):
                    self.client = client
                    self.chat = self.completions = self

                def create(self, **call):
                    print(json.dumps({**self.client, **call}))
                    sys.exit()

            sys.modules["openai"] = types.SimpleNamespace(OpenAI=Client)
            os.environ["RFTCONSOLE_API_KEY"] = "key"

            """;

        JsonElement call = JsonElement.Parse(await RunAsync("python3", client + s_code.ToPython()));

        Assert.Equal("http://127.0.0.1:5080/v1", call.GetProperty("base_url").GetString());
        Assert.Equal(s_code.Messages.Select(message => message.Content), call.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()));
        Assert.Equal(("key", 0.7, 64), (call.GetProperty("api_key").GetString(), call.GetProperty("temperature").GetDouble(), call.GetProperty("max_tokens").GetInt32()));
    }

    [Fact]
    public void Texts_are_string_literals_of_one_line_in_csharp()
    {
        string line = Assert.Single(s_code.ToCSharp().Split('\n'), line => line.Contains("It's", StringComparison.Ordinal));

        Assert.Equal("    new UserChatMessage(\"It's \\\"5\\\" \\\\ $HOME `id` $(id)\\n\\ttab 😀 漢字 \\u2028 {x} 'end\"),", line.TrimEnd('\r'));
        Assert.Contains("Temperature = 0.7f,", s_code.ToCSharp(), StringComparison.Ordinal);
        Assert.Contains("new Uri(\"http://127.0.0.1:5080/v1\")", s_code.ToCSharp(), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string program, string script)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, "-") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
        return await output;
    }
}
