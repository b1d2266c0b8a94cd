using System.Diagnostics;
using System.Text.Json;

namespace RftConsole.Tests.Cli;

/// <summary>The engine's commands as child processes, with the two threads that the tests' own compute thread has.</summary>
internal static class Engine
{
    /// <summary>Runs a command to its end.</summary>
    public static Task<EngineResult> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <summary>Runs a command with further environment variables.</summary>
    public static async Task<EngineResult> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, await output, (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Kills a command, with SIGKILL, at the first line of its log that <paramref name="at"/> holds for.</summary>
    public static async Task KillAsync(Predicate<string> at, params string[] arguments)
    {
        using var process = Start([], arguments);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.True(line is not null, "the command ended before it could be killed");
        }
        while (!at(line));

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(128 + 9, process.ExitCode);
    }

    private static Process Start(Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RftConsole.Training.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "2";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its status.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">The lines of standard error.</param>
internal sealed record EngineResult(int ExitCode, string Output, string[] Errors)
{
    /// <summary>The one object on standard output.</summary>
    public JsonElement Json => JsonElement.Parse(Assert.Single(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
}
