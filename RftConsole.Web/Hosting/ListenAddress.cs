using System.Net;

using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RftConsole.Web.Hosting;

/// <summary>One address that the console listens on.</summary>
/// <param name="Host">An IP address, <c>localhost</c>, or <c>*</c> for all addresses.</param>
/// <param name="Port">0 takes any free port.</param>
/// <param name="IsHttps">Encrypted.</param>
public sealed record ListenAddress(string Host, int Port, bool IsHttps)
{
    /// <summary>Only this machine can reach it.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Every address of the machine.</summary>
    public bool IsAny => Host == "*" || (IPAddress.TryParse(Host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    /// <summary>Where to look whether the port is free.</summary>
    public IPAddress ProbeAddress => Host == "*" ? IPAddress.Any : Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Host);

    /// <summary>Reads addresses as ASP.NET Core writes them, <c>https://0.0.0.0:5443;http://127.0.0.1:5080</c>.</summary>
    /// <exception cref="StartupException">One of them is none; the message names it.</exception>
    public static IReadOnlyList<ListenAddress> ParseList(string urls) => [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    /// <summary>Binds the server to it.</summary>
    /// <param name="server">The server's options.</param>
    /// <param name="configure">What a connection of it needs.</param>
    public void Bind(KestrelServerOptions server, Action<ListenOptions> configure)
    {
        if (Host == "*")
        {
            server.ListenAnyIP(Port, configure);
        }
        else if (Host == "localhost" && Port > 0)
        {
            server.ListenLocalhost(Port, configure);
        }
        else
        {
            server.Listen(Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Host), Port, configure);
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"{(IsHttps ? "https" : "http")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    private static ListenAddress Parse(string url)
    {
        // "*" and "+" are no hosts of a URI.
        string readable = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(readable, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new StartupException($"--urls {url} is no address such as http://127.0.0.1:5080 or https://0.0.0.0:5443.");
        }

        string host = readable != url ? "*" : uri.Host.Trim('[', ']');
        return host is "*" or "localhost" || IPAddress.TryParse(host, out _)
            ? new(host, uri.Port, uri.Scheme == "https")
            : throw new StartupException($"--urls {url} names a host: give an IP address of this machine, localhost, or * for all of them; --hosts takes names.");
    }
}
