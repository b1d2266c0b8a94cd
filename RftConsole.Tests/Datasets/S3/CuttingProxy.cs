using System.Net;
using System.Net.Sockets;

namespace RftConsole.Tests.Datasets.S3;

/// <summary>Stands between a client and a server, counts what the server sends, and cuts or holds connections on the way.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Uri _server;
    private readonly Task _accepting;
    private long _sent;

    public CuttingProxy(string server)
    {
        _server = new(server);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>A connection is reset after so many bytes from the server; 0 never.</summary>
    public int CutEvery { get; set; }

    /// <summary>Once so many bytes have come from the server in all, nothing more goes through.</summary>
    public long? HoldAfter { get; set; }

    /// <summary>Bytes that have come from the server.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public int Cuts { get; private set; }

    /// <summary>Done when <see cref="HoldAfter"/> is reached.</summary>
    public Task Held => _held.Task;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient server = new();
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, _ended.Token);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), _ended.Token), ForwardAsync(server.GetStream(), client));
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            // One side has gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task ForwardAsync(NetworkStream from, TcpClient client)
    {
        byte[] buffer = new byte[64 * 1024];
        int passed = 0;
        int read;
        while ((read = await from.ReadAsync(buffer, _ended.Token)) > 0)
        {
            if (HoldAfter is { } most && Interlocked.Read(ref _sent) > most)
            {
                _held.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(_ended.Token);
            }

            await client.GetStream().WriteAsync(buffer.AsMemory(0, read), _ended.Token);
            Interlocked.Add(ref _sent, read);
            passed += read;
            if (CutEvery > 0 && passed >= CutEvery)
            {
                Cuts++;
                client.Client.Close(timeout: 0);
                return;
            }
        }
    }
}
