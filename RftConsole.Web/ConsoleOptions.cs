using System.Globalization;
using System.Net;

using RftConsole.Web.Hosting;

namespace RftConsole.Web;

/// <summary>The console cannot start; the message is the one line that the user sees.</summary>
public sealed class StartupException(string message) : Exception(message);

/// <summary>When the console asks who somebody is.</summary>
public enum SignInMode
{
    /// <summary>As soon as anything but this machine can reach it.</summary>
    Auto,

    /// <summary>Always: other users of this machine are not its owner.</summary>
    Always,

    /// <summary>Always, and this start offers the set-up link once more: nobody knows an administrator's password.</summary>
    SetUp,
}

/// <summary>What the command line and the environment say about this console.</summary>
/// <param name="DataFolder">Absolute path of the data folder.</param>
/// <param name="Port">The port on 127.0.0.1 where no addresses are given; 0 takes any free one.</param>
public sealed record ConsoleOptions(string DataFolder, int Port)
{
    /// <summary>The environment variable that names the data folder where <c>--data</c> does not.</summary>
    public const string DataVariable = "RFTCONSOLE_DATA";

    /// <summary>The environment variable, ASP.NET Core's own, that names addresses where neither <c>--urls</c> nor <c>--port</c> does.</summary>
    public const string UrlsVariable = "ASPNETCORE_URLS";

    public const int DefaultPort = 5080;

    public const string Usage = """
        Options:
          --port N                         port on 127.0.0.1 (default 5080)
          --data DIR                       data folder (default: RftConsole in the local application data folder, or the environment variable RFTCONSOLE_DATA)
          --urls URL;URL                   addresses to listen on in place of 127.0.0.1, such as https://0.0.0.0:5443; asks for sign-in and HTTPS
          --hosts NAME,NAME                names under which browsers reach the console, beside those of this machine
          --certificate FILE               HTTPS certificate, PKCS #12 (.pfx, .p12) or PEM (default: one that the console makes for itself)
          --certificate-key FILE           private key of a PEM certificate
          --certificate-password-file FILE file with the password of the certificate or key
          --trusted-proxies NET,NET        addresses or networks of reverse proxies whose X-Forwarded headers count
          --sign-in auto|always|set-up     always: also on 127.0.0.1; set-up: print a new set-up link for an administrator
          --log-format text|json           how log lines are written (default text)
          --help                           this text
        """;

    /// <summary>Options of the ASP.NET host that its test host and tools hand over.</summary>
    private static readonly HashSet<string> s_hostOptions = new(StringComparer.OrdinalIgnoreCase) { "environment", "contentRoot", "applicationName" };

    private static readonly HashSet<string> s_options = new(StringComparer.Ordinal)
    {
        "port", "data", "urls", "hosts", "certificate", "certificate-key", "certificate-password-file", "trusted-proxies", "sign-in", "log-format",
    };

    /// <summary>As given; empty where they are not.</summary>
    public IReadOnlyList<ListenAddress> Urls { get; init; } = [];

    /// <summary>Names of the console beside those of the machine; <c>*</c> for any.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Who may say on whose behalf a request comes.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The certificate's file; null for one of the console's own.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file of a PEM certificate's key.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The file with the password of the certificate or its key.</summary>
    public string? CertificatePasswordFile { get; init; }

    /// <summary>When to ask who somebody is.</summary>
    public SignInMode SignIn { get; init; }

    /// <summary>Log lines are JSON.</summary>
    public bool JsonLog { get; init; }

    /// <summary>What the ASP.NET host is to hear of the command line.</summary>
    public IReadOnlyList<string> HostArguments { get; init; } = [];

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<ListenAddress> Addresses => Urls.Count > 0 ? Urls : [new("127.0.0.1", Port, false)];

    /// <summary>Whoever opens the console has to say who they are: others than the person at this machine can reach it.</summary>
    public bool RequiresSignIn => SignIn != SignInMode.Auto || TrustedProxies.Count > 0 || Addresses.Any(address => !address.IsLoopback);

    /// <summary>Browsers reach it by HTTPS only.</summary>
    public bool IsHttpsOnly => TrustedProxies.Count > 0 || Addresses.All(address => address.IsHttps);

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>.</summary>
    /// <exception cref="StartupException">An option is unknown or its value cannot be used; the message names it.</exception>
    public static ConsoleOptions Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        Dictionary<string, string> given = Read(arguments);
        string? urls = given.GetValueOrDefault("urls") ?? (given.ContainsKey("port") ? null : environment(UrlsVariable));
        ConsoleOptions options = new(ResolveFolder(given.GetValueOrDefault("data") ?? environment(DataVariable)), given.TryGetValue("port", out string? port) ? ParsePort(port) : DefaultPort)
        {
            Urls = string.IsNullOrWhiteSpace(urls) ? [] : ListenAddress.ParseList(urls),
            Hosts = List(given, "hosts"),
            TrustedProxies = List(given, "trusted-proxies").Select(ParseNetwork).ToArray(),
            Certificate = ExistingFile(given, "certificate"),
            CertificateKey = ExistingFile(given, "certificate-key"),
            CertificatePasswordFile = ExistingFile(given, "certificate-password-file"),
            SignIn = Choice(given, "sign-in", ("auto", SignInMode.Auto), ("always", SignInMode.Always), ("set-up", SignInMode.SetUp)),
            HostArguments = given.Where(option => s_hostOptions.Contains(option.Key)).Select(option => $"--{option.Key}={option.Value}").ToArray(),
            JsonLog = Choice(given, "log-format", ("text", false), ("json", true)),
        };
        return options.TrustedProxies.Count == 0 && options.Addresses.FirstOrDefault(address => !address.IsHttps && !address.IsLoopback) is { } open
            ? throw new StartupException($"{open} would send passwords and answers unencrypted: write https://, or name the proxy that does the encrypting with --trusted-proxies.")
            : options;
    }

    private static Dictionary<string, string> Read(IReadOnlyList<string> arguments)
    {
        Dictionary<string, string> given = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new StartupException($"\"{argument}\" is not an option. Try --help.");
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument[2..] : argument[2..equals];
            if (!s_options.Contains(name) && !s_hostOptions.Contains(name))
            {
                throw new StartupException($"There is no option --{name}. Try --help.");
            }

            if (equals < 0 && i + 1 >= arguments.Count)
            {
                throw new StartupException($"--{name} needs a value. Try --help.");
            }

            given[name] = equals < 0 ? arguments[++i] : argument[(equals + 1)..];
        }

        return given;
    }

    private static int ParsePort(string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int port) && port is >= 0 and <= 65535
            ? port
            : throw new StartupException($"--port {value} is not a port: give a number from 0 to 65535.");

    private static IPNetwork ParseNetwork(string value) =>
        IPAddress.TryParse(value, out IPAddress? address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(value, out IPNetwork network) ? network
        : throw new StartupException($"--trusted-proxies {value} is no address or network such as 10.0.0.1 or 10.0.0.0/8.");

    private static string[] List(Dictionary<string, string> given, string name) =>
        given.TryGetValue(name, out string? value) ? value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];

    private static string? ExistingFile(Dictionary<string, string> given, string name) =>
        !given.TryGetValue(name, out string? file) ? null
        : File.Exists(file) ? Path.GetFullPath(file)
        : throw new StartupException($"--{name} {file}: the file does not exist.");

    private static T Choice<T>(Dictionary<string, string> given, string name, params (string Word, T Value)[] choices)
    {
        if (!given.TryGetValue(name, out string? word))
        {
            return choices[0].Value;
        }

        int index = Array.FindIndex(choices, choice => choice.Word == word);
        return index >= 0 ? choices[index].Value : throw new StartupException($"--{name} {word} is none of {string.Join(", ", choices.Select(choice => choice.Word))}.");
    }

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
