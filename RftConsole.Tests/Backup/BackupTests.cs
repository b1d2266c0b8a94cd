using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Data.Sqlite;

using RftConsole.Tests.Cli;
using RftConsole.Tests.Jobs;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Backup;
using RftConsole.Training.Jobs;

namespace RftConsole.Tests.Backup;

/// <summary>A data folder goes into an archive and comes back as it was, or not at all.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Manifest = ".rftconsole-backup.json";

    private readonly TemporaryFolder _root = new();
    private readonly string _data;
    private readonly string _archive;
    private readonly string _restored;

    public BackupTests()
    {
        (_data, _archive, _restored) = (Path.Combine(_root.Path, "data"), Path.Combine(_root.Path, "backup.zip"), Path.Combine(_root.Path, "restored"));
        Write("keys/key-1.xml", "<key/>");
        Write("models/m/.hidden", "hidden");
        Write("jobs/j/job.json", "{}");
        Directory.CreateDirectory(_data);
        using SqliteConnection database = Open(_data);
        Execute(database, "PRAGMA journal_mode=WAL; CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1)");
    }

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task The_commands_bring_every_file_back_and_say_how_many_and_how_large()
    {
        EngineResult backup = await Engine.RunAsync("backup", "--data", _data, "--output", _archive, "--json");
        EngineResult restore = await Engine.RunAsync("restore", "--data", _restored, "--input", _archive, "--json");

        Assert.Equal((0, 0), (backup.ExitCode, restore.ExitCode));
        Assert.Equal(backup.Output, restore.Output);
        Assert.Equal(["files", "bytes"], backup.Json.EnumerateObject().Select(x => x.Name));
        string[] files = [.. Directory.EnumerateFiles(_restored, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })];
        Assert.Equal(["console.db", "jobs/j/job.json", "keys/key-1.xml", "models/m/.hidden"], files.Select(x => Path.GetRelativePath(_restored, x)).Order(StringComparer.Ordinal));
        Assert.Equal((files.Length, files.Sum(x => new FileInfo(x).Length)), (backup.Json.GetProperty("files").GetInt32(), backup.Json.GetProperty("bytes").GetInt64()));
        Assert.Equal("hidden", File.ReadAllText(Path.Combine(_restored, "models/m/.hidden")));
    }

    [Fact]
    public void What_is_only_of_the_moment_stays_behind()
    {
        foreach (string file in (string[])["console.lock", "uploads/u/part", "jobs/j/job.lock", "jobs/j/checkpoints/.staged-4/x", "jobs/j/checkpoints/.pruned-2/x", "jobs/j/job.json.staged"])
        {
            Write(file, "x");
        }

        new DataFolderBackup(_data, _archive).Run();

        using ZipArchive archive = ZipFile.OpenRead(_archive);
        Assert.Equal(["console.db", "jobs/j/job.json", "keys/key-1.xml", "models/m/.hidden", Manifest], archive.Entries.Select(x => x.FullName).OrderBy(x => x == Manifest).ThenBy(x => x, StringComparer.Ordinal));
        Assert.False(Directory.Exists(_archive + ".staging"));
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Only_the_owner_may_read_an_archive_and_what_comes_out_of_it()
    {
        new DataFolderBackup(_data, _archive).Run();
        new DataFolderRestore(_restored, _archive).Run();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_archive));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_restored, "keys/key-1.xml")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_restored));
    }

    [Fact]
    public void The_database_comes_whole_while_somebody_writes_to_it()
    {
        using SqliteConnection writer = Open(_data);
        using SqliteTransaction open = writer.BeginTransaction();
        Execute(writer, "INSERT INTO t VALUES (2)", open);

        new DataFolderBackup(_data, _archive).Run();
        new DataFolderRestore(_restored, _archive).Run();

        using SqliteConnection copy = Open(_restored);
        Assert.Equal("1", Execute(copy, "SELECT group_concat(x) FROM t"));
    }

    [Fact]
    public async Task A_job_that_ran_during_the_backup_goes_on_from_the_restored_folder_and_ends_as_if_nothing_had_happened()
    {
        string running = Path.Combine(_data, "jobs", "running");
        bool copied = false;
        JobFinished whole = await SmallJob.RunAsync(running, happened =>
        {
            if (happened is StepCompleted { Step: 5 } && !copied)
            {
                copied = true;
                new DataFolderBackup(_data, _archive).Run();
            }
        });
        new DataFolderRestore(_restored, _archive).Run();

        string restored = Path.Combine(_restored, "jobs", "running");
        JobFinished resumed = await SmallJob.RunAsync(restored);

        Assert.Equal((JobOutcome.Completed, JobOutcome.Completed), (whole.Outcome, resumed.Outcome));
        SmallJob.AssertSame(running, restored);
        Assert.True(copied);
    }

    public static TheoryData<string> Damage => ["cut to half", "cut by a byte", "a byte of a file", "no list", "empty", "no zip", "a file too many", "a file too few"];

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_damaged_archive_is_refused_and_nothing_is_restored(string damage)
    {
        new DataFolderBackup(_data, _archive).Run();
        byte[] content = File.ReadAllBytes(_archive);
        switch (damage)
        {
            case "cut to half":
                File.WriteAllBytes(_archive, content[..(content.Length / 2)]);
                break;
            case "cut by a byte":
                File.WriteAllBytes(_archive, content[..^1]);
                break;
            case "a byte of a file":
                Change(archive =>
                {
                    archive.GetEntry("keys/key-1.xml")!.Delete();
                    Add(archive, "keys/key-1.xml", "<kez/>");
                });
                break;
            case "no list":
                Change(archive => archive.GetEntry(Manifest)!.Delete());
                break;
            case "empty":
                File.WriteAllBytes(_archive, []);
                break;
            case "no zip":
                File.WriteAllText(_archive, new string('x', 5000));
                break;
            case "a file too many":
                Change(archive => Add(archive, "extra", "x"));
                break;
            default:
                Change(archive => archive.GetEntry("keys/key-1.xml")!.Delete());
                break;
        }

        UserInputException refused = Assert.Throws<UserInputException>(() => new DataFolderRestore(_restored, _archive).Run());

        Assert.Contains("nothing was restored", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.False(Directory.Exists(_restored));
        Assert.False(Directory.Exists(_restored + ".restoring"));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/tmp/outside")]
    [InlineData("a//b")]
    [InlineData("..\\outside")]
    [InlineData("")]
    public void An_archive_that_names_a_place_outside_its_folder_is_refused(string path)
    {
        using (FileStream file = File.Create(_archive))
        using (ZipArchive archive = new(file, ZipArchiveMode.Create))
        {
            Add(archive, path.Length == 0 ? "x" : path, "x");
            Add(archive, Manifest, new JsonObject
            {
                ["format"] = 1,
                ["createdAt"] = "2026-01-01T00:00:00Z",
                ["files"] = new JsonArray(new JsonObject { ["path"] = path, ["bytes"] = 1, ["sha256"] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" }),
            }.ToJsonString());
        }

        Assert.Throws<UserInputException>(() => new DataFolderRestore(_restored, _archive).Run());

        Assert.Equal(["backup.zip", "data"], Directory.EnumerateFileSystemEntries(_root.Path).Select(x => Path.GetFileName(x)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("backup --data {root}/none --output {root}/b.zip", "--data: ")]
    [InlineData("backup --data {root}/data/keys --output {root}/b.zip", "is no data folder")]
    [InlineData("backup --data {root}/data --output {root}/data/b.zip", "--output: ")]
    [InlineData("backup --data {root}/data --output {root}/data/console.db", "exists already")]
    [InlineData("restore --data {root}/data --input {root}/other", "is not empty")]
    [InlineData("restore --data {root}/new --input {root}/none", "--input: ")]
    [InlineData("restore --data {root}/new --input {root}/other", "damaged")]
    [InlineData("restore --data {root}/new", "--input")]
    public async Task Unusable_input_ends_with_status_2_and_one_line(string command, string named)
    {
        _root.Write("other", "x");

        EngineResult result = await Engine.RunAsync(command.Replace("{root}", _root.Path, StringComparison.Ordinal).Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_is_none_is_refused()
    {
        SqliteConnection.ClearAllPools();
        File.Delete(Path.Combine(_data, "console.db-wal"));
        File.WriteAllText(Path.Combine(_data, "console.db"), new string('x', 8192));

        Assert.Throws<UserInputException>(() => new DataFolderBackup(_data, _archive).Run());
        Assert.False(File.Exists(_archive));
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_data, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private void Change(Action<ZipArchive> change)
    {
        using ZipArchive archive = ZipFile.Open(_archive, ZipArchiveMode.Update);
        change(archive);
    }

    private static void Add(ZipArchive archive, string name, string text)
    {
        using Stream entry = archive.CreateEntry(name).Open();
        entry.Write(Encoding.UTF8.GetBytes(text));
    }

    private static SqliteConnection Open(string folder)
    {
        SqliteConnection connection = new($"Data Source={Path.Combine(folder, "console.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private static string? Execute(SqliteConnection connection, string statement, SqliteTransaction? transaction = null)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.Transaction = transaction;
        return command.ExecuteScalar()?.ToString();
    }
}
