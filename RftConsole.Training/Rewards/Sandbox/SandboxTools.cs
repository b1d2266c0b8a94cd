using System.Diagnostics;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>Finds what the sandbox is made of on this machine.</summary>
internal static class SandboxTools
{
    private const string SystemPython = "/usr/bin/python3";

    /// <summary>The ways to start the sandbox, the best one first.</summary>
    /// <exception cref="RewardInfrastructureException">A tool is missing; the message gives the command that installs it.</exception>
    public static IReadOnlyList<SandboxCommand> Candidates() => Candidates(Find);

    /// <param name="find">Gives the path of a program; null where it is not installed.</param>
    public static IReadOnlyList<SandboxCommand> Candidates(Func<string, string?> find)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new RewardInfrastructureException("Reward code runs in a bubblewrap sandbox, and that needs Linux.");
        }

        string bubblewrap = find("bwrap") ?? throw new RewardInfrastructureException(SandboxDiagnosis.Missing("bubblewrap (bwrap)", "bubblewrap"));
        List<(string Python, IReadOnlyList<string> Folders)> pythons = [];
        if (find(SystemPython) is { } system)
        {
            pythons.Add((system, []));
        }

        if (find("python3") is { } other && other != SystemPython && Resolve(other) is { } resolved)
        {
            pythons.Add(resolved);
        }

        if (pythons.Count == 0)
        {
            throw new RewardInfrastructureException(SandboxDiagnosis.Missing("Python 3", "python3"));
        }

        // Root gives up its identity outside the sandbox as well, where it can: the kernel then enforces every limit.
        string? setPriv = Environment.IsPrivilegedProcess ? find("setpriv") : null;
        string?[] identities = setPriv is null ? [null] : [setPriv, null];
        return
        [
            .. from python in pythons
               from identity in identities
               select new SandboxCommand(bubblewrap, python.Python, python.Folders, identity),
        ];
    }

    /// <summary>A rooted path stands for itself; other names are looked for on the path.</summary>
    private static string? Find(string program)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Asks an interpreter outside <c>/usr</c> (a version manager's script, perhaps) where it really lives.</summary>
    private static (string Python, IReadOnlyList<string> Folders)? Resolve(string python)
    {
        ProcessStartInfo start = new(python)
        {
            ArgumentList = { "-c", "import os, sys; print(os.path.realpath(sys.executable)); print(os.path.realpath(sys.base_prefix))" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using Process? process = Process.Start(start);
            process?.StandardInput.Close();
            string[] lines = process?.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (lines is not [{ } executable, { } prefix] || !File.Exists(executable))
            {
                return null;
            }

            string[] folders = [.. new[] { prefix, Path.GetDirectoryName(executable)! }.Where(OutsideUsr).Distinct()];
            return (executable, [.. folders.Where(folder => !folders.Any(other => other != folder && IsWithin(folder, other)))]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static bool OutsideUsr(string folder) => !IsWithin(folder, "/usr");

    private static bool IsWithin(string folder, string other) => folder == other || folder.StartsWith(other + "/", StringComparison.Ordinal);
}
