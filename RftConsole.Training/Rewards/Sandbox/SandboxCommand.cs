namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>One way to start the sandbox on this machine: which Python, and as whom.</summary>
/// <param name="Bubblewrap">Path of <c>bwrap</c>.</param>
/// <param name="Python">Path of the interpreter, the same inside and outside.</param>
/// <param name="PythonFolders">Folders outside <c>/usr</c> that the interpreter needs.</param>
/// <param name="SetPriv">Path of <c>setpriv</c> where root gives up its identity first; null where it keeps its own.</param>
internal sealed record SandboxCommand(string Bubblewrap, string Python, IReadOnlyList<string> PythonFolders, string? SetPriv)
{
    /// <summary>Where packages lie inside.</summary>
    public const string Packages = "/packages";

    /// <summary>Where the socket lies inside by which the worker hands over its way out, where it has one.</summary>
    public const string WayOut = "/way-out";

    /// <summary>Where the filtering proxy of reward code listens inside.</summary>
    public const int ProxyPort = 3128;

    /// <summary>The machine's certificates of authorities, which TLS needs.</summary>
    private static readonly string[] s_certificates = ["/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki"];

    /// <summary>The user id inside, and outside where root gives up its own: "nobody".</summary>
    private const string Nobody = "65534";

    /// <summary>
    /// Whether the kernel enforces the limit of processes. It does not for root, whatever the namespace: new processes are then
    /// refused altogether.
    /// </summary>
    public bool EnforcesProcessLimit => SetPriv is not null || !Environment.IsPrivilegedProcess;

    /// <summary>The whole command line, program first.</summary>
    /// <param name="script">Python source that <c>python3 -c</c> runs.</param>
    /// <param name="fileLimit">Bytes of each folder for temporary files.</param>
    /// <param name="packages">A folder of Python packages, to be seen as <see cref="Packages"/>; null for none.</param>
    /// <param name="wayOut">The socket that becomes <see cref="WayOut"/>; null for a sandbox without any network.</param>
    /// <param name="marker">Stands last in the command line, so that a sandbox can be told from others.</param>
    public IReadOnlyList<string> Arguments(string script, long fileLimit, string? packages, string? wayOut, string marker)
    {
        List<string> line = [];
        if (SetPriv is not null)
        {
            line.AddRange([SetPriv, "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "--"]);
        }

        string size = fileLimit.ToString(System.Globalization.CultureInfo.InvariantCulture);
        line.AddRange([Bubblewrap, "--unshare-all", "--unshare-user", "--uid", Nobody, "--gid", Nobody, "--hostname", "sandbox"]);
        // Process 1 of its namespace cannot be killed from inside, and takes everything with it when it ends.
        line.AddRange(["--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]);
        line.AddRange(["--ro-bind", "/usr", "/usr"]);
        foreach (string folder in (string[])["/lib", "/lib64", "/bin"])
        {
            AddSystemFolder(line, folder);
        }

        if (packages is not null)
        {
            line.AddRange(["--ro-bind", packages, Packages]);
        }

        if (wayOut is not null)
        {
            line.AddRange(["--bind", wayOut, WayOut]);
            foreach (string path in s_certificates.Where(Path.Exists))
            {
                line.AddRange(["--ro-bind", path, path]);
            }
        }

        // No /proc: nothing that a grader needs is there, and much that it must not see.
        line.AddRange(["--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--size", size, "--tmpfs", "/tmp"]);

        // After the temporary folder, which would hide what lies below it outside.
        foreach (string folder in PythonFolders)
        {
            line.AddRange(["--ro-bind", folder, folder]);
        }

        line.AddRange(["--chdir", "/tmp", "--remount-ro", "/"]);
        foreach ((string name, string value) in wayOut is null ? Variables : Variables.Concat(ProxyVariables))
        {
            line.AddRange(["--setenv", name, value]);
        }

        // -s, -B: no user packages, no byte code written.
        line.AddRange(["--", Python, "-s", "-B", "-c", script, marker]);
        return line;
    }

    /// <summary>The whole environment inside. A fixed hash seed makes the order of sets the same in every run.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/bin:/bin",
        ["HOME"] = "/tmp",
        ["TMPDIR"] = "/tmp",
        ["LANG"] = "C.UTF-8",
        ["TZ"] = "UTC",
        ["PYTHONHASHSEED"] = "0",
        ["PYTHONUTF8"] = "1",
        // Each further arena of the C library reserves 64 MB of the address space that is limited.
        ["MALLOC_ARENA_MAX"] = "1",
        ["OMP_NUM_THREADS"] = "1",
        ["OPENBLAS_NUM_THREADS"] = "1",
    };

    /// <summary>What tells reward code where its proxy is, where it has one; in both spellings, because programs differ.</summary>
    public static IReadOnlyDictionary<string, string> ProxyVariables { get; } =
        ((string[])["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]).ToDictionary(name => name, _ => FormattableString.Invariant($"http://127.0.0.1:{ProxyPort}"));

    private static void AddSystemFolder(List<string> line, string folder)
    {
        DirectoryInfo info = new(folder);
        if (!info.Exists)
        {
            return;
        }

        // On most systems a link into /usr; where it is a folder of its own, the loader and libraries are there.
        line.AddRange(info.LinkTarget is { } target ? ["--symlink", target, folder] : ["--ro-bind", folder, folder]);
    }
}
