using System.Globalization;

namespace RftConsole.Web.Storage;

/// <summary>
/// The folder that holds all that the console keeps: <c>console.db</c>, <c>jobs/{id}</c>, <c>models/{id}</c>, <c>datasets/{id}</c>, <c>imports/{id}</c>, <c>rewards/{hash}</c>, <c>base-models/{id}</c>, <c>keys</c>.
/// While it is open no second console can open it.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string VersionPrefix = "v";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private DataFolder(string root, FileStream heldLock)
    {
        Root = root;
        _lock = heldLock;
    }

    public string Root { get; }

    /// <summary>Whether other users of the machine can enter it.</summary>
    public bool IsOpenToOthers => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(Root) & (UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    public string DatabaseFile => Path.Combine(Root, "console.db");

    /// <summary>Keys that protect cookies and antiforgery tokens, so that open pages outlive a restart.</summary>
    public string KeyFolder => Path.Combine(Root, "keys");

    /// <summary>The certificate that the console made for itself.</summary>
    public string CertificateFolder => Path.Combine(Root, "https");

    public string JobFolder(string jobId) => Path.Combine(Root, "jobs", jobId);

    public string ModelFolder(string modelId) => Path.Combine(Root, "models", modelId);

    /// <summary>Of a downloaded base model.</summary>
    public string BaseModelFolder(string id) => Path.Combine(Root, "base-models", id);

    /// <summary>Of a data set: the file as it came, and a folder for each later version.</summary>
    public string DataSetFolder(string dataSetId) => Path.Combine(Root, "datasets", dataSetId);

    /// <summary>Of one version of a data set.</summary>
    public string DataSetFolder(string dataSetId, int version) =>
        version == 1 ? DataSetFolder(dataSetId) : Path.Combine(DataSetFolder(dataSetId), FormattableString.Invariant($"{VersionPrefix}{version}"));

    /// <summary>Where an import from elsewhere lies until it is whole; unlike an upload it outlives the console.</summary>
    public string ImportFolder(string importId) => Path.Combine(Root, "imports", importId);

    /// <summary>Where a reward function's code, or its list of packages, lies, by its content; jobs copy it from there.</summary>
    public string RewardFile(string sha256, string name) => Path.Combine(Root, "rewards", sha256, name);

    /// <summary>Where the calls of a deployment are logged.</summary>
    public string InvocationLogFolder(string deploymentId) => Path.Combine(Root, "invocation-logs", deploymentId);

    /// <summary>Where the data key of a reward function's graded examples lies, once some of them are encrypted.</summary>
    public string ExampleFolder(string rewardId) => Path.Combine(Root, "examples", rewardId);

    /// <summary>Where an upload lies until it is whole and checked.</summary>
    public string UploadFolder(string dataSetId) => Path.Combine(Root, "uploads", dataSetId);

    /// <summary>The data set, and its version, that a file belongs to; null for a file elsewhere.</summary>
    public (string Id, int Version)? DataSetOf(string? file)
    {
        string[] parts = file is null ? [] : Path.GetRelativePath(Path.Combine(Root, "datasets"), Path.GetFullPath(file)).Split(Path.DirectorySeparatorChar);
        return parts switch
        {
            ["..", ..] => null,
            [var id, _] => (id, 1),
            [var id, var folder, _] when folder.StartsWith(VersionPrefix, StringComparison.Ordinal) && int.TryParse(folder.AsSpan(VersionPrefix.Length), CultureInfo.InvariantCulture, out int version) => (id, version),
            _ => null,
        };
    }

    /// <summary>The custom model that an adapter's folder belongs to; null for a folder elsewhere.</summary>
    public string? ModelIdOf(string? adapterFolder)
    {
        string[] parts = adapterFolder is null ? [] : Path.GetRelativePath(Path.Combine(Root, "models"), Path.GetFullPath(adapterFolder)).Split(Path.DirectorySeparatorChar);
        return parts.Length >= 2 && parts[0] != ".." ? parts[0] : null;
    }

    /// <summary>Creates the folder where it is missing, proves that it can be written, and locks it.</summary>
    /// <exception cref="StartupException">It cannot be written, or another console uses it.</exception>
    public static DataFolder Open(string path)
    {
        string root = Path.GetFullPath(path);
        try
        {
            CreatePrivate(root);
            Directory.CreateDirectory(Path.Combine(root, "jobs"));
            Directory.CreateDirectory(Path.Combine(root, "models"));
            Directory.CreateDirectory(Path.Combine(root, "datasets"));
            Directory.CreateDirectory(Path.Combine(root, "base-models"));
            string probe = Path.Combine(root, $"write-probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data folder {root} cannot be written ({OneLine(problem.Message)}): choose another one with --data DIR.");
        }

        try
        {
            FileStream held = new(Path.Combine(root, "console.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            DeleteUnfinishedUploads(root);
            return new(root, held);
        }
        catch (IOException)
        {
            throw new StartupException($"The data folder {root} is in use by another console: stop that one, or choose another folder with --data DIR.");
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new StartupException($"The data folder {root} cannot be locked ({OneLine(problem.Message)}): choose another one with --data DIR.");
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void CreatePrivate(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(root);
        }
        else
        {
            // Prompts, completions and keys are nobody else's business on a shared machine.
            Directory.CreateDirectory(root, OwnerOnly);
            // Of a folder that was made for the console; what holds something already may be shared on purpose.
            if (!Directory.EnumerateFileSystemEntries(root).Any())
            {
                File.SetUnixFileMode(root, OwnerOnly);
            }
        }
    }

    /// <summary>Of a console that ended in the middle of an upload; the lock says that no other is at it.</summary>
    private static void DeleteUnfinishedUploads(string root)
    {
        string uploads = Path.Combine(root, "uploads");
        if (Directory.Exists(uploads))
        {
            Directory.Delete(uploads, recursive: true);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
