using System.Text.RegularExpressions;

namespace RftConsole.Tests.Repository;

/// <summary>Files by which others install the console name what is there.</summary>
public sealed partial class PackagingTests
{
    [Fact]
    public void What_the_Dockerfile_copies_is_in_the_repository()
    {
        string[] copied = [.. File.ReadLines(Path.Combine(RepositoryFolder.Root, "Dockerfile"))
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..^1])];

        Assert.NotEmpty(copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(RepositoryFolder.Root, path)), path));
    }

    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("packaging/rftconsole.service")]
    public void The_console_is_started_with_options_that_it_knows(string file)
    {
        string[] options = [.. Option().Matches(string.Join('\n', File.ReadLines(Path.Combine(RepositoryFolder.Root, file)).Where(line => line.Contains("RftConsole.Web.dll", StringComparison.Ordinal)))).Select(match => match.Value).Distinct()];

        Assert.NotEmpty(options);
        Assert.All(options, option => Assert.Contains(option + " ", RftConsole.Web.ConsoleOptions.Usage, StringComparison.Ordinal));
    }

    [Fact]
    public void The_start_script_passes_on_every_option_of_the_console()
    {
        string run = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "run"));
        string[] accepted = [.. Option().Matches(run.Split('\n').Single(line => line.Contains("--sign-in |", StringComparison.Ordinal))).Select(match => match.Value)];

        Assert.Equal(
            Option().Matches(RftConsole.Web.ConsoleOptions.Usage).Select(match => match.Value).Where(option => option != "--help").Distinct().Order(),
            accepted.Order());
    }

    [GeneratedRegex("--[a-z][a-z-]+")]
    private static partial Regex Option();
}
