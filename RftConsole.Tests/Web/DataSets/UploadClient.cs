using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>Uploads as the page's script does it, with its token.</summary>
internal sealed partial class UploadClient(HttpClient client)
{
    private string _token = "";
    private string _cookie = "";

    /// <summary>Loads the page, which holds the token.</summary>
    public async Task OpenPageAsync()
    {
        using HttpResponseMessage page = await client.GetAsync(new Uri("/datasets", UriKind.Relative), TestContext.Current.CancellationToken);
        _token = Token.Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups["token"].Value;
        _cookie = string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    /// <summary>A whole upload.</summary>
    public async Task<(HttpStatusCode Status, UploadReply Reply)> UploadAsync(string name, byte[] content, string kind = UploadKind.Records)
    {
        (HttpStatusCode status, UploadReply? refused, UploadProgress? begun) = await BeginAsync(name, content.Length);
        if (begun is null)
        {
            return (status, refused!);
        }

        (status, refused, _) = await SendAsync(begun.Upload, 0, content);
        return status == HttpStatusCode.OK ? await CompleteAsync(begun.Upload, kind) : (status, refused!);
    }

    public Task<(HttpStatusCode Status, UploadReply? Refused, UploadProgress? Progress)> BeginAsync(string name, long size, string? token = null) =>
        AskAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"?name={Uri.EscapeDataString(name)}&size={size}"), null, token);

    public async Task<(HttpStatusCode Status, UploadReply? Refused, UploadProgress? Progress)> SendAsync(string upload, long offset, byte[] content)
    {
        using ByteArrayContent body = new(content);
        return await AskAsync(HttpMethod.Patch, string.Create(CultureInfo.InvariantCulture, $"/{upload}?offset={offset}"), body);
    }

    public async Task<long> OffsetAsync(string upload) => (await AskAsync(HttpMethod.Get, $"/{upload}", null)).Progress!.Offset;

    public async Task<(HttpStatusCode Status, UploadReply Reply)> CompleteAsync(string upload, string kind = UploadKind.Records)
    {
        using HttpRequestMessage request = Request(HttpMethod.Post, $"/{upload}/complete?kind={kind}", null);
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<UploadReply>(TestContext.Current.CancellationToken))!);
    }

    public async Task DeleteAsync(string upload)
    {
        using HttpRequestMessage request = Request(HttpMethod.Delete, $"/{upload}", null);
        (await client.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
    }

    /// <summary>Announces all that is left, sends a part of it, and tears the connection.</summary>
    public async Task SendAndCutAsync(string upload, long offset, ReadOnlyMemory<byte> part, long announced)
    {
        using TcpClient connection = new();
        await connection.ConnectAsync(client.BaseAddress!.Host, client.BaseAddress.Port, TestContext.Current.CancellationToken);
        // Closing without lingering resets the connection, as a lost network does.
        connection.LingerState = new LingerOption(true, 0);
        NetworkStream stream = connection.GetStream();
        string head = string.Create(CultureInfo.InvariantCulture, $"PATCH {UploadEndpoints.Address}/{upload}?offset={offset} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {_cookie}\r\n{UploadEndpoints.TokenHeader}: {_token}\r\nContent-Type: application/octet-stream\r\nContent-Length: {announced}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        await stream.WriteAsync(part, TestContext.Current.CancellationToken);
    }

    private async Task<(HttpStatusCode Status, UploadReply? Refused, UploadProgress? Progress)> AskAsync(HttpMethod method, string path, HttpContent? body, string? token = null)
    {
        using HttpRequestMessage request = Request(method, path, body, token);
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        bool told = response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict;
        return (
            response.StatusCode,
            told ? null : await response.Content.ReadFromJsonAsync<UploadReply>(TestContext.Current.CancellationToken),
            told ? await response.Content.ReadFromJsonAsync<UploadProgress>(TestContext.Current.CancellationToken) : null);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body, string? token = null)
    {
        HttpRequestMessage request = new(method, UploadEndpoints.Address + path) { Content = body };
        token ??= _token;
        if (token.Length > 0)
        {
            request.Headers.Add(UploadEndpoints.TokenHeader, token);
        }

        return request;
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""")]
    private static partial Regex Token { get; }
}
