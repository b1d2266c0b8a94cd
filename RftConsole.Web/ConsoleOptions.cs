namespace RftConsole.Web;

/// <summary>The console cannot start; the message is the one line that the user sees.</summary>
public sealed class StartupException(string message) : Exception(message);

/// <summary>What the command line and the environment say about this console.</summary>
/// <param name="DataFolder">Absolute path of the data folder.</param>
/// <param name="Port">The port on 127.0.0.1; 0 takes any free one.</param>
public sealed record ConsoleOptions(string DataFolder, int Port)
{
    /// <summary>The environment variable that names the data folder where <c>--data</c> does not.</summary>
    public const string DataVariable = "RFTCONSOLE_DATA";

    public const int DefaultPort = 5080;

    public const string Usage = "Options: --port N (default 5080), --data DIR (default: RftConsole in the local application data folder, or the environment variable RFTCONSOLE_DATA).";

    /// <summary>Options of the ASP.NET host that its test host and tools hand over.</summary>
    private static readonly HashSet<string> s_hostOptions = new(StringComparer.OrdinalIgnoreCase) { "environment", "contentRoot", "applicationName" };

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>.</summary>
    /// <exception cref="StartupException">An option is unknown or its value cannot be used; the message names it.</exception>
    public static ConsoleOptions Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        string? data = null;
        int port = DefaultPort;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new StartupException($"\"{argument}\" is not an option. {Usage}");
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument[2..] : argument[2..equals];
            bool ours = name is "data" or "port";
            if (!ours && !s_hostOptions.Contains(name))
            {
                throw new StartupException($"There is no option --{name}. {Usage}");
            }

            if (equals < 0 && i + 1 >= arguments.Count)
            {
                throw new StartupException($"--{name} needs a value. {Usage}");
            }

            string value = equals < 0 ? arguments[++i] : argument[(equals + 1)..];
            if (name == "data")
            {
                data = value;
            }
            else if (name == "port")
            {
                port = ParsePort(value);
            }
        }

        return new(ResolveFolder(data ?? environment(DataVariable)), port);
    }

    private static int ParsePort(string value) =>
        int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out int port) && port is >= 0 and <= 65535
            ? port
            : throw new StartupException($"--port {value} is not a port: give a number from 0 to 65535.");

    private static string ResolveFolder(string? data)
    {
        if (!string.IsNullOrWhiteSpace(data))
        {
            return Path.GetFullPath(data);
        }

        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length > 0
            ? Path.Combine(local, "RftConsole")
            : throw new StartupException("This user has no local application data folder: say where the console keeps its data with --data DIR.");
    }
}
