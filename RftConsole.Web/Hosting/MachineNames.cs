using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RftConsole.Web.Hosting;

/// <summary>Names and addresses under which browsers may reach this console.</summary>
internal static class MachineNames
{
    private static readonly string[] s_loopback = ["127.0.0.1", "localhost", "[::1]"];

    /// <summary>
    /// What a request's <c>Host</c> may say. A name that an attacker's server resolves to this machine must not become a way in, so names are listed, not guessed from requests.
    /// </summary>
    public static IReadOnlyList<string> AllowedHosts(ConsoleOptions options) =>
        options.Hosts.Contains("*") ? ["*"]
        : options.Addresses.All(address => address.IsLoopback) ? [.. s_loopback, .. options.Hosts]
        : [.. s_loopback, .. options.Hosts, Dns.GetHostName(), .. Addresses().Select(Literal)];

    /// <summary>The machine's addresses that are up.</summary>
    public static IEnumerable<IPAddress> Addresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up
        from address in network.GetIPProperties().UnicastAddresses
        where address.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && !address.Address.IsIPv6LinkLocal
        select address.Address;

    /// <summary>The address to print for a person: where browsers elsewhere find the console.</summary>
    public static string PublicAddress(ConsoleOptions options)
    {
        if (options.Hosts.FirstOrDefault(host => host != "*") is { } name && options.IsHttpsOnly)
        {
            return options.TrustedProxies.Count > 0 ? $"https://{name}" : $"https://{name}:{options.Addresses[0].Port}";
        }

        ListenAddress address = options.Addresses.FirstOrDefault(one => !one.IsLoopback) ?? options.Addresses[0];
        return (address.IsAny ? address with { Host = Dns.GetHostName() } : address).ToString();
    }

    private static string Literal(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
}
