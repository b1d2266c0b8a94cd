using System.Text.RegularExpressions;

namespace RftConsole.Tests.Repository;

/// <summary>Rules of the house that a look at the tree can check.</summary>
public sealed partial class HouseRulesTests
{
    private const int LongestFile = 350;
    private const int LongestPage = 250;

    [Fact]
    public void No_file_names_an_absolute_path_of_somebodys_machine() =>
        Assert.Empty(LinesThat(SourceFiles(), AbsolutePath));

    [Fact]
    public void No_work_is_left_for_later_in_the_code() =>
        Assert.Empty(LinesThat(CodeFiles().Where(file => Path.GetFileName(file) != "HouseRulesTests.cs"), LeftForLater));

    [Fact]
    public void No_test_sleeps_or_is_switched_off() =>
        Assert.Empty(LinesThat(RepositoryFolder.Files("RftConsole.Tests", ".cs").Where(file => Path.GetFileName(file) != "HouseRulesTests.cs"), SleepOrSkip));

    [Fact]
    public void A_file_is_short_enough_to_be_one_concept()
    {
        IEnumerable<string> tooLong =
            from file in CodeFiles()
            where !file.Contains("Migrations", StringComparison.Ordinal)
            let lines = File.ReadLines(file).Count()
            where lines > (file.EndsWith(".razor", StringComparison.Ordinal) ? LongestPage : LongestFile)
            select $"{Path.GetRelativePath(RepositoryFolder.Root, file)}: {lines} lines";

        Assert.Empty(tooLong);
    }

    [Fact]
    public void The_engine_knows_no_server_no_pages_and_no_database() =>
        Assert.Empty(LinesThat(RepositoryFolder.Files("RftConsole.Training", ".cs", ".csproj"), ServerSide));

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData(".ci/run")]
    public void The_commands_can_be_executed(string command)
    {
        UnixFileMode mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(Path.Combine(RepositoryFolder.Root, command));

        Assert.True(mode.HasFlag(UnixFileMode.UserExecute));
    }

    private static IEnumerable<string> CodeFiles() => RepositoryFolder.Files("", ".cs", ".razor", ".py", ".js", ".mjs", ".css", ".sh")
        .Where(file => !file.Contains("wwwroot/", StringComparison.Ordinal));

    private static IEnumerable<string> SourceFiles() =>
        CodeFiles().Concat(RepositoryFolder.Files("", ".md", ".json", ".csproj", ".props", ".targets", ".sln", ".yml"))
            .Concat(new[] { "run", "test", ".ci/run" }.Select(name => Path.Combine(RepositoryFolder.Root, name)))
            .Where(file => Path.GetFileName(file) != "HouseRulesTests.cs");

    private static IEnumerable<string> LinesThat(IEnumerable<string> files, Regex rule) =>
        from file in files
        from line in File.ReadLines(file).Index()
        where rule.IsMatch(line.Item)
        select $"{Path.GetRelativePath(RepositoryFolder.Root, file)}:{line.Index + 1}: {line.Item.Trim()}";

    /// <summary>Home and work folders; a sandbox's own paths, such as /tmp or /usr, are everybody's.</summary>
    [GeneratedRegex("""(?<![\w.~$}{)/-])(?:/root/\w|/home/[a-z]\w*/|/work/\w|/Users/\w|/mnt/\w|[A-Z]:\\Users\\)""")]
    private static partial Regex AbsolutePath { get; }

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftForLater { get; }

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay|\(Skip\s*=")]
    private static partial Regex SleepOrSkip { get; }

    [GeneratedRegex(@"Microsoft\.AspNetCore|Microsoft\.EntityFrameworkCore|MudBlazor|RftConsole\.Web(?!\w)|Sdk=""Microsoft\.NET\.Sdk\.Web""")]
    private static partial Regex ServerSide { get; }
}
