using System.Diagnostics;
using System.Text.Json;

using RftConsole.Tests.Repository;

namespace RftConsole.Tests.Web.Api;

/// <summary>Runs a script of the folder <c>openai-client</c>, which calls the console by the official npm client.</summary>
internal static class OpenAiScript
{
    /// <summary>What the script printed.</summary>
    public static async Task<JsonElement> RunAsync(string script, params string[] arguments)
    {
        ProcessStartInfo start = new("node") { WorkingDirectory = Path.Combine(RepositoryFolder.Root, "RftConsole.Tests", "openai-client"), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[script, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
        return JsonElement.Parse(await output);
    }
}
