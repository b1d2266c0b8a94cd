using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

using RftConsole.Training;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Packages;
using RftConsole.Training.Rewards.Sandbox;

namespace RftConsole.Tests.Rewards;

/// <summary>Packages of a requirements.txt, from a folder of wheels that the tests make: pip, the cache, and what the sandbox sees.</summary>
public sealed class RewardPackagesTests : IDisposable
{
    private const string Source = """
        import tinygrade
        def lambda_handler(event, context):
            print(tinygrade.__file__)
            return [{"id": s["id"], "aggregate_reward_score": tinygrade.score()} for s in event]
        """;

    private readonly string _folder;
    private readonly PackageCache _cache;

    public RewardPackagesTests()
    {
        _folder = Directory.CreateTempSubdirectory("reward-packages").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // The sandbox of root reads as another user.
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        }

        _cache = new(Path.Combine(_folder, "cache"));
        WriteWheel("1.0", 0.25);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_imports_what_its_requirements_name()
    {
        RewardPackages packages = await InstallAsync("tinygrade==1.0  # a comment");
        await using PythonRewardFunction function = await PythonRewardFunction.StartAsync("reward.py", Source, Grading.Options, Token, packages);
        RewardResult result = Assert.Single(await function.ScoreAsync(Grading.Samples(1), Token));

        Assert.Null(result.Error);
        Assert.Equal(0.25, result.Score);
        Assert.Equal("/packages/tinygrade/__init__.py\n", result.Output);
        Assert.Equal(["tinygrade 1.0"], function.Packages);
    }

    [Fact]
    public async Task A_package_is_read_only_inside()
    {
        RewardPackages packages = await InstallAsync("tinygrade");
        string source = Source.Replace("print(tinygrade.__file__)", "open(tinygrade.__file__, 'w')", StringComparison.Ordinal);
        await using PythonRewardFunction function = await PythonRewardFunction.StartAsync("reward.py", source, Grading.Options, Token, packages);
        Assert.Contains("Read-only file system", Assert.Single(await function.ScoreAsync(Grading.Samples(1), Token)).Error);
    }

    [Fact]
    public async Task The_same_requirements_are_installed_once_and_others_beside_them()
    {
        RewardPackages first = await InstallAsync("tinygrade==1.0");
        DateTime written = Directory.GetLastWriteTimeUtc(first.Folder);
        Directory.Delete(Path.Combine(_folder, "wheels"), recursive: true);
        RewardPackages again = await InstallAsync("tinygrade==1.0");
        Assert.Equal((first.Folder, first.Hash), (again.Folder, again.Hash));
        Assert.Equal(first.Installed, again.Installed);
        Assert.Equal(written, Directory.GetLastWriteTimeUtc(again.Folder));

        WriteWheel("2.0", 0.5);
        RewardPackages other = await InstallAsync("tinygrade==2.0");
        Assert.NotEqual(first.Hash, other.Hash);
        Assert.Equal(["tinygrade 2.0"], other.Installed);
        Assert.True(Directory.Exists(first.Folder));
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(_folder, "cache")).Length);
    }

    [Fact]
    public async Task The_packages_are_a_part_of_the_functions_identity()
    {
        RewardPackages first = await InstallAsync("tinygrade==1.0");
        WriteWheel("2.0", 0.25);
        RewardPackages second = await InstallAsync("tinygrade==2.0");
        await using PythonRewardFunction one = await PythonRewardFunction.StartAsync("reward.py", Source, Grading.Options, Token, first);
        await using PythonRewardFunction other = await PythonRewardFunction.StartAsync("reward.py", Source, Grading.Options, Token, second);
        Assert.NotEqual(one.ContentHash, other.ContentHash);
    }

    [Theory]
    [InlineData("tinygrade==9", "'requirements.txt' cannot be installed: No matching distribution found for tinygrade==9.")]
    [InlineData("tinygrade=1", "'requirements.txt' cannot be installed: Invalid requirement: 'tinygrade=1'")]
    [InlineData("# nothing\n", "names no package")]
    [InlineData("tinygrade\n-r other.txt", "line 2: -r is not supported")]
    [InlineData("-e ./mine", "line 1: -e is not supported")]
    [InlineData("--constraint=c.txt", "line 1: --constraint is not supported")]
    public async Task What_cannot_be_installed_is_said_in_one_line(string requirements, string message)
    {
        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => InstallAsync(requirements));
        Assert.StartsWith("rewardFunction.requirements '", error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.Exists(Path.Combine(_folder, "cache")) ? Directory.GetDirectories(Path.Combine(_folder, "cache")) : []);
    }

    [Fact]
    public async Task Code_of_a_package_that_would_have_to_be_built_does_not_run()
    {
        string ran = Path.Combine(_folder, "ran");
        using (MemoryStream archive = new())
        {
            using (GZipStream zip = new(archive, CompressionMode.Compress, leaveOpen: true))
            {
                using System.Formats.Tar.TarWriter tar = new(zip);
                tar.WriteEntry(Entry("evil-1.0/setup.py", $"open({ran.Replace("\\", "/", StringComparison.Ordinal).Insert(0, "'")}', 'w')\nfrom setuptools import setup\nsetup(name='evil', version='1.0')"));
                tar.WriteEntry(Entry("evil-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"));
            }

            await File.WriteAllBytesAsync(Path.Combine(_folder, "wheels", "evil-1.0.tar.gz"), archive.ToArray(), Token);
        }

        UserInputException error = await Assert.ThrowsAsync<UserInputException>(() => InstallAsync("evil"));
        Assert.Contains("No matching distribution found for evil", error.Message);
        Assert.False(File.Exists(ran));

        static System.Formats.Tar.PaxTarEntry Entry(string name, string content) => new(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };
    }

    [Fact]
    public async Task A_half_installed_folder_counts_as_none()
    {
        RewardPackages packages = await InstallAsync("tinygrade");
        File.Delete(Path.Combine(Path.GetDirectoryName(packages.Folder)!, "manifest.json"));
        Directory.Delete(packages.Folder, recursive: true);
        Directory.Delete(Path.GetDirectoryName(packages.Folder)!);
        RewardPackages again = await InstallAsync("tinygrade");
        Assert.Equal(packages.Hash, again.Hash);
        Assert.True(File.Exists(Path.Combine(again.Folder, "tinygrade", "__init__.py")));
    }

    [Fact]
    public async Task A_folder_that_the_sandbox_could_not_read_is_named()
    {
        RewardPackages packages = await InstallAsync("tinygrade");
        Assert.Null(PackageCache.Closed(packages));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Assert.Equal(_folder, PackageCache.Closed(packages));
    }

    [Fact]
    public async Task A_missing_package_is_named_with_the_way_to_add_it()
    {
        RewardCodeException error = await Assert.ThrowsAsync<RewardCodeException>(() => Grading.StartAsync("import boto3\ndef lambda_handler(event, context): return []"));
        Assert.Equal(
            "the Python module 'boto3' is not installed in the sandbox; name its package in a requirements.txt (rewardFunction.requirements in a job file, --requirements of a command), or use the standard library in its place (line 1)",
            error.Reason);
        Assert.Equal(1, error.Line);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The options that a user would set in the environment stand in the file here: tests run side by side in one process.</summary>
    private async Task<RewardPackages> InstallAsync(string requirements)
    {
        string file = Path.Combine(_folder, "requirements.txt");
        await File.WriteAllTextAsync(file, requirements + $"\n--no-index\n--find-links {Path.Combine(_folder, "wheels")}\n", Token);
        return await PackageInstaller.InstallAsync(file, "rewardFunction.requirements", _cache, SandboxTools.Candidates()[0], OutboundPolicy.Unrestricted, Token);
    }

    /// <summary>A wheel is a zip archive with the modules and three files of metadata.</summary>
    private void WriteWheel(string version, double score)
    {
        string wheels = Directory.CreateDirectory(Path.Combine(_folder, "wheels")).FullName;
        (string Name, string Content)[] files =
        [
            ("tinygrade/__init__.py", FormattableString.Invariant($"def score():\n    return {score}\n")),
            ($"tinygrade-{version}.dist-info/METADATA", $"Metadata-Version: 2.1\nName: tinygrade\nVersion: {version}\n"),
            ($"tinygrade-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ];
        string record = string.Concat(files.Select(file =>
            $"{file.Name},sha256={Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(file.Content))).TrimEnd('=').Replace('+', '-').Replace('/', '_')},{Encoding.UTF8.GetByteCount(file.Content)}\n"));
        using ZipArchive zip = ZipFile.Open(Path.Combine(wheels, $"tinygrade-{version}-py3-none-any.whl"), ZipArchiveMode.Create);
        foreach ((string name, string content) in files.Append(($"tinygrade-{version}.dist-info/RECORD", record + $"tinygrade-{version}.dist-info/RECORD,,\n")))
        {
            using StreamWriter writer = new(zip.CreateEntry(name).Open());
            writer.Write(content);
        }
    }
}
