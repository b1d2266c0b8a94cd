using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

using RftConsole.Training.Network;
using RftConsole.Training.Rewards.Sandbox;

namespace RftConsole.Training.Rewards.Packages;

/// <summary>
/// Installs a reward function's <c>requirements.txt</c> with pip, once for each list and version of Python. Wheels only: what builds from source
/// would run the package's own code outside the sandbox.
/// </summary>
public static class PackageInstaller
{
    /// <summary>Further options for pip, such as <c>--no-index --find-links /wheels</c>, separated by spaces.</summary>
    public const string OptionsVariable = "RFTCONSOLE_PIP_OPTIONS";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    /// <summary>The packages of the file, from the cache or freshly installed.</summary>
    /// <param name="path">A <c>requirements.txt</c>.</param>
    /// <param name="field">What errors call it.</param>
    /// <param name="network">What pip may call, through a filtering proxy; packages that were installed before need no call.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    /// <exception cref="UserInputException">The file cannot be used, or pip or the network isolation refuses it; one line.</exception>
    /// <exception cref="RewardInfrastructureException">Python or pip is missing.</exception>
    public static Task<RewardPackages> InstallAsync(string path, string field, OutboundPolicy network, CancellationToken cancellationToken) =>
        InstallAsync(path, field, PackageCache.Default(), SandboxTools.Candidates()[0], network, cancellationToken);

    internal static async Task<RewardPackages> InstallAsync(string path, string field, PackageCache cache, SandboxCommand sandbox, OutboundPolicy network, CancellationToken cancellationToken)
    {
        string requirements = RequirementsFile.Read(path, field);
        string options = Environment.GetEnvironmentVariable(OptionsVariable) ?? "";
        (int status, string version, _) = await RunAsync([sandbox.Python, "-c", "import sys; print(sys.implementation.cache_tag)"], "/", cancellationToken);
        string key = status == 0
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{version.Trim()}\n{options}\n{requirements}")))
            : throw new RewardInfrastructureException(SandboxDiagnosis.Missing("Python 3", "python3"));
        RewardPackages packages = cache.Find(key) ?? await InstallAsync(path, field, options, cache, key, sandbox.Python, network, cancellationToken);
        return sandbox.SetPriv is not null && PackageCache.Closed(packages) is { } closed
            ? throw new UserInputException($"The sandbox runs as the user nobody, who cannot enter {closed}: name a folder that everybody can read in the environment variable {PackageCache.Variable}.")
            : packages;
    }

    private static async Task<RewardPackages> InstallAsync(string path, string field, string options, PackageCache cache, string key, string python, OutboundPolicy network, CancellationToken cancellationToken)
    {
        string[] pip = await FindPipAsync(python, cancellationToken);
        string staged = cache.Stage();
        await using FilteringProxy? proxy = network.Mode == NetworkMode.Off ? null : FilteringProxy.OnLoopback(network, Callers.Packages);
        try
        {
            // The proxy stands last: no option, variable or file of pip's outweighs it.
            string[] line =
            [
                .. pip, "install", "--target", staged, "--no-input", "--disable-pip-version-check", "--no-warn-script-location", "--only-binary", ":all:", "--quiet",
                .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--requirement", Path.GetFullPath(path),
                .. proxy is null ? Array.Empty<string>() : ["--proxy", proxy.Address],
            ];
            (int status, _, string errors) = await RunAsync(line, Path.GetDirectoryName(Path.GetFullPath(path))!, cancellationToken, proxied: proxy is not null);
            if (status != 0 && proxy is { Refused: { } refused })
            {
                throw new UserInputException($"{field} '{Path.GetFileName(path)}' cannot be installed: {refused}. Or install the packages first, by a dry run without network isolation: what is installed is kept.");
            }

            return status == 0 ? cache.Keep(staged, key) : throw new UserInputException($"{field} '{Path.GetFileName(path)}' cannot be installed: {Reason(errors, status)}");
        }
        finally
        {
            string folder = Path.GetDirectoryName(staged)!;
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>The interpreter's own pip, or one of another interpreter that can install for it.</summary>
    private static async Task<string[]> FindPipAsync(string python, CancellationToken cancellationToken)
    {
        foreach (string[] pip in (string[][])[[python, "-m", "pip"], ["pip3", "--python", python], ["pip", "--python", python]])
        {
            if ((await RunAsync([.. pip, "--version"], "/", cancellationToken)).Status == 0)
            {
                return pip;
            }
        }

        throw new RewardInfrastructureException($"Packages for reward functions are installed with pip, and {python} has none. {SandboxDiagnosis.InstallWith("python3-pip")}");
    }

    /// <summary>pip's last error, in one line.</summary>
    private static string Reason(string errors, int status)
    {
        string[] lines = [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line.StartsWith("ERROR:", StringComparison.Ordinal))];
        string last = lines.Length > 0 ? lines[^1]["ERROR:".Length..].Trim() : errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"pip ended with status {status}";
        return last.EndsWith('.') ? last : last + ".";
    }

    private static async Task<(int Status, string Output, string Errors)> RunAsync(string[] line, string folder, CancellationToken cancellationToken, bool proxied = false)
    {
        ProcessStartInfo start = new(line[0]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder };
        foreach (string argument in line.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        // Where no index answers, its own patience of minutes would look like a console that hangs; what the user set counts.
        foreach ((string name, string value) in ((string, string)[])[("PIP_RETRIES", "2"), ("PIP_DEFAULT_TIMEOUT", "30"), ("PIP_ROOT_USER_ACTION", "ignore"), ("PIP_NO_COLOR", "1")])
        {
            start.Environment.TryAdd(name, value);
        }

        if (proxied)
        {
            // Hosts that these name would be reached without the proxy.
            start.Environment.Remove("no_proxy");
            start.Environment.Remove("NO_PROXY");
        }

        using CancellationTokenSource timeout = new(s_patience);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return (127, "", error.Message);
        }

        using (process)
        {
            try
            {
                process.StandardInput.Close();
                Task<string> errors = process.StandardError.ReadToEndAsync(both.Token);
                string output = await process.StandardOutput.ReadToEndAsync(both.Token);
                string said = await errors;
                await process.WaitForExitAsync(both.Token);
                return (process.ExitCode, output, said);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return (124, "", $"it took longer than {s_patience.TotalMinutes:0} minutes");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }
}
