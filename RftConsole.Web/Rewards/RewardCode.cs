using System.Security.Cryptography;
using System.Text;

using RftConsole.Training;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Packages;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Rewards;

/// <summary>What is wrong with a reward function's code.</summary>
/// <param name="Message">One line.</param>
/// <param name="Line">Where, from 1; null where it is about no line.</param>
/// <param name="Column">Where in the line, from 1.</param>
public sealed record CodeProblem(string Message, int? Line, int? Column);

/// <summary>Reward functions that users write.</summary>
public interface IRewardCode
{
    /// <summary>Loads the code in the sandbox, as a job would; null where it can be used.</summary>
    /// <param name="source">The Python source.</param>
    /// <param name="requirements">The packages that it may import, as in a <c>requirements.txt</c>; they are installed where they are not yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<CodeProblem?> CheckAsync(string source, string requirements = "", CancellationToken cancellationToken = default);

    /// <summary>Installs packages where they are not yet; returns names and versions of all that came.</summary>
    /// <exception cref="UserInputException">They cannot be installed; the message says why.</exception>
    /// <exception cref="RewardInfrastructureException">Python or pip is missing.</exception>
    Task<IReadOnlyList<string>> InstallAsync(string requirements, CancellationToken cancellationToken = default);

    /// <summary>Stores a list of packages by its content; returns the file, which a job copies.</summary>
    /// <exception cref="UserInputException">It cannot be stored.</exception>
    Task<string> KeepRequirementsAsync(string requirements, CancellationToken cancellationToken = default);

    /// <summary>Stores the code by its content; returns the file, which a job copies.</summary>
    /// <exception cref="UserInputException">It cannot be stored.</exception>
    Task<string> KeepAsync(string source, CancellationToken cancellationToken = default);

    /// <summary>The code in a job's file.</summary>
    /// <exception cref="UserInputException">The file is gone or cannot be read.</exception>
    Task<string> ReadAsync(string file, CancellationToken cancellationToken = default);
}

/// <summary>Code in the data folder, checked in the sandbox of this machine.</summary>
internal sealed class RewardCode(DataFolder folder) : IRewardCode
{
    private const int LongestSource = 1 << 20;

    public async Task<CodeProblem?> CheckAsync(string source, string requirements = "", CancellationToken cancellationToken = default)
    {
        if (source.Length > LongestSource)
        {
            return new($"The code has {source.Length:N0} characters; {LongestSource:N0} are allowed.", null, null);
        }

        try
        {
            RewardPackages? packages = string.IsNullOrWhiteSpace(requirements) ? null : await PackagesAsync(requirements, cancellationToken);
            await using PythonRewardFunction loaded = await PythonRewardFunction.StartAsync("reward.py", source, new RewardOptions { Retries = 0 }, cancellationToken, packages);
            return null;
        }
        catch (RewardCodeException refused)
        {
            return new(refused.Reason, refused.Line, refused.Column);
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException)
        {
            return new(problem.Message, null, null);
        }
    }

    public async Task<string> ReadAsync(string file, CancellationToken cancellationToken = default)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"The job's reward code cannot be read ({problem.Message.ReplaceLineEndings(" ")}).", problem);
        }
    }

    public async Task<IReadOnlyList<string>> InstallAsync(string requirements, CancellationToken cancellationToken = default) => (await PackagesAsync(requirements, cancellationToken)).Installed;

    public Task<string> KeepAsync(string source, CancellationToken cancellationToken = default) => KeepAsync(source, "reward.py", cancellationToken);

    public Task<string> KeepRequirementsAsync(string requirements, CancellationToken cancellationToken = default) => KeepAsync(requirements.ReplaceLineEndings("\n").Trim() + "\n", "requirements.txt", cancellationToken);

    private async Task<RewardPackages> PackagesAsync(string requirements, CancellationToken cancellationToken) =>
        await PackageInstaller.InstallAsync(await KeepRequirementsAsync(requirements, cancellationToken), "packages", OutboundPolicy.Unrestricted, cancellationToken);

    private async Task<string> KeepAsync(string source, string name, CancellationToken cancellationToken)
    {
        string file = folder.RewardFile(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source))), name);
        if (File.Exists(file))
        {
            return file;
        }

        string staged = $"{file}.{NewId.Create()}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(staged, source, cancellationToken);
            File.Move(staged, file, overwrite: true);
            return file;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"Reward function: the code cannot be stored ({problem.Message.ReplaceLineEndings(" ")}).", problem);
        }
    }
}
