using System.Diagnostics;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>A bash script in a mount namespace of its own: what it mounts is seen by nobody else and goes when it ends.</summary>
internal static class MountNamespace
{
    /// <summary>The script's exit status and the lines of both its outputs; skips the test where this machine or user may not mount.</summary>
    /// <param name="script">May call <c>train FOLDER</c>, which runs the job file <c>$JOB</c>.</param>
    /// <param name="variables">Its variables.</param>
    public static async Task<(int ExitCode, string[] Lines)> RunAsync(string script, params (string Name, string Value)[] variables)
    {
        await RequireAsync();
        const string Prelude = "train() { dotnet \"$ENGINE\" train --job \"$JOB\" --output \"$1\" --json 2>&1; }\n";
        return await RunBashAsync(Prelude + script, variables);
    }

    private static async Task RequireAsync()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare"))
        {
            Assert.Skip("needs unshare of util-linux");
        }

        var (exitCode, lines) = await RunBashAsync("mount -t tmpfs none /mnt", []);
        Assert.SkipUnless(exitCode == 0, $"this user may not mount: {string.Join(' ', lines)}");
    }

    private static async Task<(int ExitCode, string[] Lines)> RunBashAsync(string script, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "bash", "-c", "exec 2>&1\n" + script]) { RedirectStandardOutput = true };
        start.Environment["ENGINE"] = Path.Combine(AppContext.BaseDirectory, "RftConsole.Training.dll");
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "2";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(JobProcess.Patience);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
