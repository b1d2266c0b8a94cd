using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RftConsole.Training.Network;

/// <summary>
/// One place of a network as it is compared: names in lower case and in their ASCII form, without a dot at the end; addresses in their one canonical spelling.
/// A name and the addresses that it stands for are different places.
/// </summary>
public readonly record struct HostPort
{
    private HostPort(string host, int port) => (Host, Port) = (host, port);

    /// <summary>A name or an address, IPv6 without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Whether the host is written as an address.</summary>
    public bool IsAddress => IPAddress.TryParse(Host, out _);

    /// <summary>Where a request to an absolute address goes.</summary>
    /// <exception cref="UserInputException">Its host is none.</exception>
    public static HostPort Of(Uri address) => Of(address.IdnHost, address.Port);

    /// <exception cref="UserInputException">The host is none.</exception>
    public static HostPort Of(string host, int port) =>
        Canonical(host) is { } canonical && port is > 0 and <= ushort.MaxValue ? new(canonical, port) : throw new UserInputException($"{host}:{port} is no host with a port");

    /// <summary>Reads <c>host:port</c>; the port is never guessed.</summary>
    public static bool TryParse(string text, out HostPort place, out string? problem)
    {
        place = default;
        string trimmed = (text ?? "").Trim();
        problem = trimmed.Length == 0 ? "is empty; write a host with its port, such as judge.example:443"
            : trimmed.Contains("://", StringComparison.Ordinal) || trimmed.Contains('/', StringComparison.Ordinal) ? $"\"{text}\" is an address; write the host with its port alone, such as judge.example:443"
            : trimmed.Contains('*', StringComparison.Ordinal) ? $"\"{text}\" has a wildcard; each host is written out"
            : null;
        if (problem is not null)
        {
            return false;
        }

        int colon = trimmed.LastIndexOf(':');
        bool bracketed = trimmed.StartsWith('[');
        string host = colon < 0 ? trimmed : trimmed[..colon];
        if (colon < 0 || (bracketed && !host.EndsWith(']')) || !int.TryParse(trimmed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is 0 or > ushort.MaxValue)
        {
            problem = $"\"{text}\" lacks its port; write it as judge.example:443";
            return false;
        }

        if (Canonical(host) is not { } canonical || (canonical.Contains(':', StringComparison.Ordinal) && !bracketed))
        {
            problem = $"\"{text}\" is no host with a port; write it as judge.example:443, 192.0.2.1:8080 or [2001:db8::1]:8080";
            return false;
        }

        place = new(canonical, port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>The one spelling that is compared; null where it is no host.</summary>
    private static string? Canonical(string host)
    {
        string name = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (IPAddress.TryParse(name, out IPAddress? address))
        {
            // An address with a zone means another place on each machine.
            return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? null : address.ToString();
        }

        try
        {
            name = new IdnMapping { UseStd3AsciiRules = false }.GetAscii(name.EndsWith('.') ? name[..^1] : name).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }

        return name.Length is > 0 and < 254 && name.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '.' or '_') && Uri.CheckHostName(name) == UriHostNameType.Dns ? name : null;
    }
}
