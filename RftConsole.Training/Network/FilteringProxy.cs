using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RftConsole.Training.Network;

/// <summary>
/// An HTTP proxy (RFC 9110, section 7: CONNECT, and requests with an absolute address) that connects to what a policy lets through. What it hears comes from code that nobody trusts:
/// heads are bounded, and a connection serves one request or one tunnel.
/// </summary>
public sealed class FilteringProxy : IAsyncDisposable
{
    private const int LongestHead = 32 << 10;
    private const int MostConnections = 64;

    private static readonly TimeSpan s_headLimit = TimeSpan.FromSeconds(30);

    /// <summary>Headers between a client and its proxy alone, and what would keep a connection open for a second request.</summary>
    private static readonly HashSet<string> s_dropped = new(["Proxy-Connection", "Proxy-Authorization", "Connection", "Keep-Alive", "Host", "Upgrade", "Te"], StringComparer.OrdinalIgnoreCase);

    private readonly OutboundPolicy _policy;
    private readonly string _caller;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _room = new(MostConnections, MostConnections);
    private readonly Task _accepting;

    /// <param name="policy">What is let through.</param>
    /// <param name="caller">Who asks, for the list of refused calls.</param>
    /// <param name="listener">A socket that listens; the proxy's from now on.</param>
    public FilteringProxy(OutboundPolicy policy, string caller, Socket listener)
    {
        (_policy, _caller, _listener) = (policy, caller, listener);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>One that listens on this machine.</summary>
    public static FilteringProxy OnLoopback(OutboundPolicy policy, string caller)
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(MostConnections);
        return new(policy, caller, listener);
    }

    /// <summary>The last refusal in words; null where nothing was refused.</summary>
    public string? Refused { get; private set; }

    /// <summary>Where it listens, as clients are told it.</summary>
    public string Address => $"http://{_listener.LocalEndPoint}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _room.WaitAsync(_ended.Token);
                Socket client = await _listener.AcceptAsync(_ended.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The sandbox or the job has ended.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            using (client)
            {
                await ServeOneAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A connection that broke is its client's to notice.
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task ServeOneAsync(Socket client)
    {
        if (await ReadHeadAsync(client) is not { } received)
        {
            await AnswerAsync(client, "431 Request Header Fields Too Large", $"The head of the request is longer than {LongestHead} bytes, or did not arrive in time.");
            return;
        }

        (string head, byte[] left) = received;
        string[] lines = head.Split("\r\n");
        string[] parts = lines[0].Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal) || Target(parts[0], parts[1], out string? problem) is not { } place)
        {
            await AnswerAsync(client, "400 Bad Request", "This proxy takes CONNECT host:port, and requests with an absolute http address.");
            return;
        }

        Socket server;
        try
        {
            server = await _policy.ConnectAsync(place, _caller, _ended.Token);
        }
        catch (NetworkRefusedException refused)
        {
            Refused = refused.Message;
            await AnswerAsync(client, "403 Forbidden", Sentence(refused.Message));
            return;
        }
        catch (Exception unreachable) when (unreachable is SocketException or OperationCanceledException && !_ended.IsCancellationRequested)
        {
            await AnswerAsync(client, "502 Bad Gateway", $"{place} cannot be reached: {(unreachable is SocketException ? unreachable.Message : "it does not answer")}.");
            return;
        }

        using (server)
        {
            byte[] first = parts[0] == "CONNECT" ? left : [.. Encoding.Latin1.GetBytes(Forwarded(parts, lines)), .. left];
            if (parts[0] == "CONNECT")
            {
                await SendAsync(client, "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
            }

            await SendAsync(server, first);
            await TunnelAsync(client, server);
        }
    }

    /// <summary>Where a request goes; null where it is none that a proxy takes.</summary>
    private static HostPort? Target(string method, string target, out string? problem)
    {
        problem = null;
        if (method == "CONNECT")
        {
            return HostPort.TryParse(target, out HostPort place, out problem) ? place : null;
        }

        try
        {
            return Uri.TryCreate(target, UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttp && address.UserInfo.Length == 0 ? HostPort.Of(address) : null;
        }
        catch (UserInputException)
        {
            return null;
        }
    }

    /// <summary>The head as the server gets it: a path in place of the address, the host that was asked for and no other, and one request a connection.</summary>
    private static string Forwarded(string[] request, string[] lines)
    {
        Uri address = new(request[1]);
        StringBuilder head = new($"{request[0]} {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n");
        foreach (string line in lines.Skip(1).Where(line => line.Length > 0 && !s_dropped.Contains(line.Split(':')[0].Trim())))
        {
            head.Append(line).Append("\r\n");
        }

        return head.Append("\r\n").ToString();
    }

    /// <summary>The head of a request and what came after it; null where it is too long or too late.</summary>
    private async Task<(string Head, byte[] Left)?> ReadHeadAsync(Socket client)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        limit.CancelAfter(s_headLimit);
        byte[] buffer = new byte[LongestHead];
        int length = 0;
        try
        {
            while (length < buffer.Length)
            {
                int read = await client.ReceiveAsync(buffer.AsMemory(length), limit.Token);
                if (read == 0)
                {
                    throw new IOException("The client left.");
                }

                int from = Math.Max(0, length - 3);
                length += read;
                int end = buffer.AsSpan(from, length - from).IndexOf("\r\n\r\n"u8);
                if (end >= 0)
                {
                    return (Encoding.Latin1.GetString(buffer, 0, from + end), buffer[(from + end + 4)..length]);
                }
            }
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
        {
            // Too late.
        }

        return null;
    }

    private async Task TunnelAsync(Socket client, Socket server)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        Task up = CopyAsync(client, server, either.Token);
        Task down = CopyAsync(server, client, either.Token);
        // A client that has said all it had to say still listens for a while; once the server has ended, nobody does.
        if (await Task.WhenAny(up, down) == up)
        {
            either.CancelAfter(s_headLimit);
        }
        else
        {
            await either.CancelAsync();
        }

        await Task.WhenAll(up, down);
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 << 10];
        int read;
        while ((read = await from.ReceiveAsync(buffer, cancellationToken)) > 0)
        {
            for (int sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), cancellationToken);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private async Task AnswerAsync(Socket client, string status, string sentence)
    {
        byte[] body = Encoding.UTF8.GetBytes(sentence + "\n");
        await SendAsync(client, [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body]);
        client.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(Socket socket, byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), _ended.Token);
        }
    }

    private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..] + ".";
}
