namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>Says why a sandbox does not start, and which command repairs it.</summary>
internal static class SandboxDiagnosis
{
    public static string Missing(string tool, string package) =>
        $"Reward code runs in a sandbox, and {tool} is not installed. {InstallWith(package)}";

    /// <summary>The sentence that gives the command.</summary>
    public static string InstallWith(string package) => $"Install it with: {InstallCommand(package)}";

    public static string DoesNotStart(string detail) =>
        DoesNotStart(detail, ReadSetting, File.Exists("/.dockerenv") || File.Exists("/run/.containerenv"));

    /// <param name="detail">What the sandbox said last.</param>
    /// <param name="setting">Reads a kernel setting below <c>/proc/sys</c>; null where there is none.</param>
    /// <param name="inContainer">Whether the console runs in a container.</param>
    public static string DoesNotStart(string detail, Func<string, string?> setting, bool inContainer) =>
        $"The sandbox for reward code does not start: {Detail(detail)}. {Repair(detail, setting, inContainer)}";

    public static string NotTight(string finding) =>
        $"The sandbox for reward code failed its self-test: {finding}. Reward code is refused. Reinstall bubblewrap with: {InstallCommand("--reinstall bubblewrap", "bubblewrap")}";

    private static string InstallCommand(string aptArguments, string? package = null)
    {
        string sudo = Environment.IsPrivilegedProcess ? "" : "sudo ";
        package ??= aptArguments;
        if (!File.Exists("/usr/bin/apt-get") && File.Exists("/usr/bin/dnf"))
        {
            return $"{sudo}dnf install {package}";
        }

        return $"{sudo}apt-get install {aptArguments}";
    }

    private static string Repair(string detail, Func<string, string?> setting, bool inContainer)
    {
        bool namespaces = detail.Contains("namespace", StringComparison.OrdinalIgnoreCase)
            || detail.Contains("uid map", StringComparison.OrdinalIgnoreCase)
            || detail.Contains("not permitted", StringComparison.OrdinalIgnoreCase)
            || detail.Contains("Permission denied", StringComparison.OrdinalIgnoreCase);
        if (detail.Contains("ctypes", StringComparison.Ordinal) || detail.Contains("ModuleNotFoundError", StringComparison.Ordinal))
        {
            return $"Python's standard library is not complete; install it with: {InstallCommand("python3")}";
        }

        if (namespaces && setting("kernel/apparmor_restrict_unprivileged_userns") == "1")
        {
            return "AppArmor keeps programs from making user namespaces (Ubuntu 24.04 does so by default); allow it for bubblewrap with: "
                + "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }\\n' | sudo tee /etc/apparmor.d/bwrap && sudo systemctl reload apparmor; "
                + "or for every program, until the next start, with: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
        }

        if (namespaces && setting("kernel/unprivileged_userns_clone") == "0")
        {
            return "The kernel keeps users from making namespaces; allow it with: sudo sysctl -w kernel.unprivileged_userns_clone=1";
        }

        if (namespaces && setting("user/max_user_namespaces") == "0")
        {
            return "The kernel allows no user namespaces; allow them with: sudo sysctl -w user.max_user_namespaces=10000";
        }

        if (namespaces && inContainer)
        {
            return "This is a container that may not make namespaces; start it with: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN …";
        }

        return $"Reinstall it with: {InstallCommand("--reinstall bubblewrap python3", "bubblewrap python3")}";
    }

    private static string? ReadSetting(string name)
    {
        string path = "/proc/sys/" + name;
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    private static string Detail(string detail)
    {
        string[] lines = detail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? "it ended without a word" : lines[^1].TrimEnd('.');
    }
}
