using System.Net.Sockets;
using System.Text;

namespace RftConsole.Tests.Web.Security;

/// <summary>Requests byte for byte as a hostile client writes them; a client library would not send them.</summary>
/// <param name="host">The server.</param>
/// <param name="port">Its port.</param>
internal sealed class RawHttp(string host, int port)
{
    /// <summary>An answer: status 0 where the server closed the connection without one.</summary>
    internal sealed record Answer(int Status, string Head, string Body);

    /// <summary>Sends a request and reads the answer to its end.</summary>
    public async Task<Answer> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        await client.ConnectAsync(host, port, cancellationToken);
        NetworkStream stream = client.GetStream();
        using MemoryStream received = new();
        try
        {
            await stream.WriteAsync(request, cancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            await stream.CopyToAsync(received, cancellationToken);
        }
        catch (IOException)
        {
            // Refused before all of it was read: what was answered until then counts.
        }

        string text = Encoding.Latin1.GetString(received.ToArray());
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && end > 0
            ? new(int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), text[..end], text[(end + 4)..])
            : new(0, "", text);
    }
}
