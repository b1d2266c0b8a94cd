using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards.Packages;

/// <summary>Where packages are kept: one folder for each list of requirements and each version of Python, complete or not there.</summary>
internal sealed class PackageCache(string root)
{
    /// <summary>Names the folder in place of the default.</summary>
    public const string Variable = "RFTCONSOLE_REWARD_PACKAGES";

    private const string Manifest = "manifest.json";
    private const string Content = "site-packages";

    /// <summary>
    /// The folder of this machine. Root's sandbox gives up its identity, and what lies in root's home it could not read.
    /// </summary>
    public static PackageCache Default() => new(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named)
        : Environment.IsPrivilegedProcess ? "/var/cache/rftconsole/reward-packages"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "RftConsole", "reward-packages"));

    /// <summary>What was installed under this key; null where nothing was.</summary>
    public RewardPackages? Find(string key)
    {
        string folder = Path.Combine(root, key);
        try
        {
            return JsonSerializer.Deserialize<Entry>(File.ReadAllBytes(Path.Combine(folder, Manifest))) is { Hash: { } hash, Installed: { } installed }
                ? new(Path.Combine(folder, Content), hash, installed)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A folder to install into.</summary>
    /// <exception cref="UserInputException">The cache cannot be written.</exception>
    public string Stage()
    {
        try
        {
            Directory.CreateDirectory(root);
            MakeReadable(root);
            string staged = Path.Combine(root, "staged-" + Guid.NewGuid().ToString("N"));
            return Directory.CreateDirectory(Path.Combine(staged, Content)).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"Packages for reward functions cannot be kept in {root} ({error.Message.ReplaceLineEndings(" ")}); name another folder in the environment variable {Variable}.", error);
        }
    }

    /// <summary>Keeps what was installed into a staged folder.</summary>
    public RewardPackages Keep(string staged, string key)
    {
        string folder = Path.GetDirectoryName(staged)!;
        foreach (string path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Prepend(folder))
        {
            MakeReadable(path);
        }

        Entry entry = new(Hash(staged), Installed(staged));
        DurableFiles.Replace(Path.Combine(folder, Manifest), JsonSerializer.SerializeToUtf8Bytes(entry));
        MakeReadable(Path.Combine(folder, Manifest));
        try
        {
            Directory.Move(folder, Path.Combine(root, key));
        }
        catch (IOException) when (Find(key) is not null)
        {
            // Another process was faster.
            Directory.Delete(folder, recursive: true);
        }

        return Find(key)!;
    }

    /// <summary>The first folder on the way to the packages that a user without rights cannot enter; null where there is none.</summary>
    public static string? Closed(RewardPackages packages)
    {
        for (DirectoryInfo? folder = new(packages.Folder); folder is not null; folder = folder.Parent)
        {
            if (!OperatingSystem.IsWindows() && !folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>Whatever the console's umask is: the sandbox reads as another user.</summary>
    private static void MakeReadable(string path)
    {
        if (!OperatingSystem.IsWindows() && new FileInfo(path).LinkTarget is null)
        {
            UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            UnixFileMode enter = Directory.Exists(path) ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0;
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | read | enter);
        }
    }

    /// <summary>Over names and contents of what decides a score: not the byte code, and not pip's notes of where a wheel lay.</summary>
    private static string Hash(string folder)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal))
        {
            if (name.EndsWith(".pyc", StringComparison.Ordinal) || Path.GetFileName(name) is "direct_url.json" or "RECORD" or "INSTALLER" or "REQUESTED")
            {
                continue;
            }

            using FileStream file = File.OpenRead(Path.Combine(folder, name));
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
            hash.AppendData(SHA256.HashData(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string[] Installed(string folder) =>
    [
        .. Directory.EnumerateDirectories(folder, "*.dist-info")
            .Select(info => Path.GetFileNameWithoutExtension(info).Split('-', 2))
            .Select(parts => string.Join(' ', parts))
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private sealed record Entry(string? Hash, string[]? Installed);
}
