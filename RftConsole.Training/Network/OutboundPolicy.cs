using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RftConsole.Training.Network;

/// <summary>
/// The one gate that every call of a job to a network goes through. Compared is the host with its port as it was written; then the name is resolved once, and the connection is made
/// to an address of that answer, so that no second answer can lead elsewhere. Redirects are never followed here: who follows one makes a new call.
/// Safe for use from several threads.
/// </summary>
public sealed class OutboundPolicy : IDisposable
{
    /// <summary>Places told one by one; code that invents hosts must not fill the disk with them.</summary>
    private const int MostPlaces = 200;

    private const string OtherPlaces = "further hosts";

    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(30);

    private readonly IReadOnlySet<HostPort> _hosts;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, HttpClient> _clients = [];
    private readonly Lock _lock = new();
    private readonly HashSet<(string Host, string Caller)> _told = [];
    private Dictionary<(string Host, string Caller), RefusedCall> _refused = [];

    /// <param name="isolation">Null for <see cref="NetworkMode.Off"/>.</param>
    /// <param name="time">The clock of the refusals.</param>
    /// <exception cref="UserInputException">An entry of its hosts is none.</exception>
    public OutboundPolicy(NetworkIsolation? isolation, TimeProvider? time = null)
    {
        Mode = (isolation ?? NetworkIsolation.Off).Mode;
        _hosts = (isolation ?? NetworkIsolation.Off).Read();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Finds the addresses of a name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Refuses nothing. It lives as long as the process.</summary>
    public static OutboundPolicy Unrestricted { get; } = new(null);

    public NetworkMode Mode { get; }

    /// <summary>Whether a call to this place is let through.</summary>
    public bool Permits(HostPort place) => Mode == NetworkMode.Off || (Mode == NetworkMode.Hosts && _hosts.Contains(place));

    /// <summary>Why a call to this place is refused, and what to do; null where it is let through. Nothing is recorded.</summary>
    public string? Obstacle(HostPort place) =>
        Permits(place) ? null
        : Mode == NetworkMode.None ? $"network isolation (mode none) refuses {place}; allow it with mode hosts, or set the mode to off"
        : $"network isolation refuses {place}, which is not among its hosts; add \"{place}\" to them";

    /// <summary>Lets a call pass, or records that it was refused.</summary>
    /// <exception cref="NetworkRefusedException">It is refused.</exception>
    public void Require(HostPort place, string caller)
    {
        if (Obstacle(place) is { } obstacle)
        {
            throw Refuse(place, caller, obstacle);
        }
    }

    /// <summary>A client whose requests all pass the gate; it is the policy's, and lives as long as it. It follows no redirects and has no time limit of its own.</summary>
    public HttpClient Client(string caller) => _clients.GetOrAdd(caller, static (name, policy) => new HttpClient(policy.Handler(name)) { Timeout = Timeout.InfiniteTimeSpan }, this);

    /// <summary>A handler whose requests all pass the gate; the caller disposes of it.</summary>
    public HttpMessageHandler Handler(string caller)
    {
        SocketsHttpHandler sockets = new() { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = s_connectLimit, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (Mode == NetworkMode.Off)
        {
            return sockets;
        }

        // A proxy of the environment would connect to whatever it resolves itself.
        sockets.UseProxy = false;
        sockets.ConnectCallback = async (context, token) => new NetworkStream(await ConnectAsync(HostPort.Of(context.DnsEndPoint.Host, context.DnsEndPoint.Port), caller, token), ownsSocket: true);
        return new GateHandler(this, caller, sockets);
    }

    /// <summary>Connects to a place that is let through.</summary>
    /// <exception cref="NetworkRefusedException">It is refused, or its name stands for this machine itself or a link-local address.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public async Task<Socket> ConnectAsync(HostPort place, string caller, CancellationToken cancellationToken)
    {
        Require(place, caller);
        IPAddress[] addresses = IPAddress.TryParse(place.Host, out IPAddress? literal) ? [literal] : await Resolve(place.Host, cancellationToken);
        // A name that is allowed must not be turned, by whoever answers for it, into a way to services of this machine or of the cloud that it runs in.
        if (Mode != NetworkMode.Off && literal is null && place.Host != "localhost" && addresses.FirstOrDefault(IsInner) is { } inner)
        {
            throw Refuse(place, caller, $"network isolation refuses {place}: the name stands for {inner}, which only the address itself may name; add \"{HostPort.Of(inner.ToString(), place.Port)}\" to its hosts if this is meant");
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_connectLimit);
            await socket.ConnectAsync(addresses, place.Port, limit.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What was refused since the last call of this method, by place and caller.</summary>
    public IReadOnlyList<RefusedCall> TakeRefused()
    {
        lock (_lock)
        {
            if (_refused.Count == 0)
            {
                return [];
            }

            var taken = _refused;
            _refused = [];
            return [.. taken.Values];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (this == Unrestricted)
        {
            return;
        }

        foreach (HttpClient client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static bool IsInner(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) || plain.IsIPv6LinkLocal || plain.IsIPv6Multicast
            || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is var bytes && (bytes is [169, 254, ..] || bytes[0] is 0 or >= 224));
    }

    private NetworkRefusedException Refuse(HostPort place, string caller, string message)
    {
        lock (_lock)
        {
            (string Host, string Caller) key = (place.ToString(), caller);
            key = _told.Contains(key) || (_told.Count < MostPlaces && _told.Add(key)) ? key : (OtherPlaces, caller);
            _refused[key] = new(key.Host, key.Caller, _time.GetUtcNow(), (_refused.GetValueOrDefault(key)?.Count ?? 0) + 1);
        }

        return new(message);
    }

    /// <summary>Looks at each request, before anything is sent over a connection that may be open already.</summary>
    private sealed class GateHandler(OutboundPolicy policy, string caller, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            policy.Require(HostPort.Of(request.RequestUri!), caller);
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException failed) when (failed.InnerException is NetworkRefusedException refused)
            {
                throw new NetworkRefusedException(refused.Message);
            }
        }
    }
}
