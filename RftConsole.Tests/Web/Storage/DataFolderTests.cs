using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void One_console_at_a_time_holds_a_folder()
    {
        string path = Path.Combine(_root.Path, "data");
        using (DataFolder.Open(path))
        {
            StartupException problem = Assert.Throws<StartupException>(() => DataFolder.Open(path));
            Assert.Contains("in use by another console", problem.Message, StringComparison.Ordinal);
        }

        DataFolder.Open(path).Dispose();
    }

    [Fact]
    public void A_path_that_is_a_file_is_refused_in_one_line()
    {
        string file = _root.Write("data", "");

        StartupException problem = Assert.Throws<StartupException>(() => DataFolder.Open(file));

        Assert.StartsWith($"The data folder {file} cannot be written", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void An_empty_folder_that_was_there_becomes_its_owners_only_and_one_in_use_stays_as_somebody_set_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file modes.");
#pragma warning disable CA1416 // Skipped on Windows above.
        const UnixFileMode open = (UnixFileMode)0b111_101_101;
        string root = Path.Combine(_root.Path, "made-before");
        Directory.CreateDirectory(root, open);

        using (DataFolder folder = DataFolder.Open(root))
        {
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(root));
            Assert.False(folder.IsOpenToOthers);
        }

        File.SetUnixFileMode(root, open);
        using DataFolder again = DataFolder.Open(root);
        Assert.Equal(open, File.GetUnixFileMode(root));
        Assert.True(again.IsOpenToOthers);
#pragma warning restore CA1416
    }

    [Fact]
    public void A_new_folder_is_its_owners_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file modes.");
        string path = Path.Combine(_root.Path, "data");

        using DataFolder folder = DataFolder.Open(path);

#pragma warning disable CA1416 // Skipped on Windows above.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
#pragma warning restore CA1416
    }

    [Fact]
    public void Options_come_from_the_command_line_before_the_environment()
    {
        Assert.Equal(new ConsoleOptions("/a", 81), ConsoleOptions.Parse(["--data", "/a", "--port=81"], _ => "/b"));
        Assert.Equal(new ConsoleOptions("/b", 5080), ConsoleOptions.Parse([], name => name == "RFTCONSOLE_DATA" ? "/b" : null));
        Assert.EndsWith("RftConsole", ConsoleOptions.Parse([], _ => null).DataFolder, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no option --prot", "--prot", "81")]
    [InlineData("--port x is not a port", "--port", "x")]
    [InlineData("--port 70000 is not a port", "--port", "70000")]
    [InlineData("--data needs a value", "--data")]
    [InlineData("\"data\" is not an option", "data")]
    public void An_option_that_cannot_be_used_is_named(string expected, params string[] arguments) =>
        Assert.StartsWith(expected, Assert.Throws<StartupException>(() => ConsoleOptions.Parse(arguments, _ => "/b")).Message, StringComparison.Ordinal);
}
