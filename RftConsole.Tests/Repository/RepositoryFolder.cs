namespace RftConsole.Tests.Repository;

/// <summary>The source tree that these tests were built from.</summary>
public static class RepositoryFolder
{
    /// <summary>The folder of the solution, found upwards from the test assembly.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The console as its own project builds it, in the configuration of these tests: what <c>./run</c> starts.</summary>
    public static string ConsoleOutput { get; } =
        AppContext.BaseDirectory.Replace($"{Path.DirectorySeparatorChar}RftConsole.Tests{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}RftConsole.Web{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    /// <summary>The files under a folder of the tree, without what builds leave behind.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => !IsBuildOutput(Path.GetRelativePath(Root, file)))
            .Where(file => extensions.Length == 0 || extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal));

    private static bool IsBuildOutput(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is ".git" or "bin" or "obj" or "node_modules" or "TestResults");

    private static string FindRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RftConsole.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {start} holds RftConsole.sln");
    }
}
