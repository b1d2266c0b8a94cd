using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>Finds the files of invocation logs.</summary>
internal static class InvocationLogFiles
{
    /// <summary>What the original leaves in a bucket to see that it may write there.</summary>
    private const string PermissionCheck = "amazon-bedrock-logs-permission-check";

    /// <summary>Files that lie beside logs and are none.</summary>
    private static readonly string[] NoLogs = [PermissionCheck, SealedFolders.KeyFile];

    /// <summary>The file itself, or the files of a folder and its folders in the order of their names; each with its name for reports.</summary>
    /// <exception cref="UserInputException">There is no such file or folder, or the folder holds no file.</exception>
    public static IReadOnlyList<(string Path, string Name)> Find(InvocationLogInput input, string? except = null)
    {
        var path = input.Path;
        if (File.Exists(path))
        {
            return [(path, input.Name ?? Path.GetFileName(path))];
        }

        if (!Directory.Exists(path))
        {
            throw new UserInputException($"{path}: there is no such file or folder");
        }

        try
        {
            var files = Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
                .Where(file => !NoLogs.Contains(Path.GetFileName(file)) && (except is null || Path.GetFullPath(file) != Path.GetFullPath(except)))
                .Select(file => (Path: file, Name: (input.Name is null ? "" : $"{input.Name}/") + Path.GetRelativePath(path, file).Replace('\\', '/')))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .ToArray();
            return files.Length > 0 ? files : throw new UserInputException($"{path}: the folder holds no file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataFile.Unreadable(path, e);
        }
    }
}
