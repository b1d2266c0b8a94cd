using System.Text;

namespace RftConsole.Tests.Web.Security;

/// <summary>What a hostile client may send to an address; every endpoint is met with all of it.</summary>
internal static class HostileRequests
{
    public const string Script = "<script>window.__hit=1</script>";

    /// <summary>A name for each attack, and its bytes.</summary>
    /// <param name="path">An address of the console, with an id where the endpoint takes one.</param>
    public static IEnumerable<(string Name, byte[] Request)> Against(string path)
    {
        foreach (string method in (string[])["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND", "GET\0"])
        {
            yield return ($"method {method}", Ask(method, path));
        }

        foreach (string tail in (string[])
        [
            "/../../console.db", "/..%2f..%2fconsole.db", "/%2e%2e/%2e%2e/etc/passwd", "/..;/console.db", "/%00", "/%c0%af..%c0%af", "/..\\..\\console.db", "%2f%2e%2e", "/" + new string('a', 6000),
            "?id=%00", "?name=" + "%3Cscript%3E", "?size=-1&name=a", "?size=99999999999999999999&name=a.jsonl", "?offset=abc", "?returnUrl=//elsewhere.example", "?search=%25%27%3B--", "?from=yesterday",
            "?a=1&a=2&a[]=3&a.b=4", "?" + new string('q', 6000), "?x=%ZZ%", "#fragment",
        ])
        {
            yield return ($"path {Short(tail)}", Ask("GET", path + tail));
        }

        foreach (string header in (string[])
        [
            "Host: elsewhere.example", "Host:", "X-Forwarded-Host: elsewhere.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9", "Origin: https://elsewhere.example", "Origin: null",
            "Cookie: rftconsole=garbage; .AspNetCore.Antiforgery=garbage", "Cookie: " + new string('c', 9000), "Authorization: Bearer " + new string('x', 5000), "Authorization: Basic Og==",
            "Range: bytes=" + string.Join(',', Enumerable.Range(0, 900).Select(i => $"{i}-{i}")), "Range: bytes=-1-", "If-Modified-Since: never", "Accept: " + Script, "Accept-Encoding: " + new string('z', 500),
            "Content-Length: -1", "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: identity, chunked", "Expect: 200-maybe", "X-Long: " + new string('h', 40_000),
            "Bad Header: x", "X: a\rb", "RequestVerificationToken: " + Script, "Content-Type: " + Script, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x", "User-Agent: ' OR 1=1 --",
        ])
        {
            yield return ($"header {Short(header)}", Ask("GET", path, header));
        }

        foreach ((string type, string body) in ((string, string)[])
        [
            ("application/json", "{"), ("application/json", new string('[', 5000)), ("application/json", """{"id":{"$type":"System.Diagnostics.Process"}}"""), ("application/json", "\"\\ud800\""), ("text/xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
            ("application/x-www-form-urlencoded", "_handler=sign-in&Form.Name=" + Uri.EscapeDataString(Script) + "&Form.Password=x"), ("application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 3000).Select(i => $"k{i}=v"))),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\"\r\n\r\nx"), ("multipart/form-data", "no boundary"), ("multipart/form-data; boundary=" + new string('b', 5000), "x"),
            ("application/octet-stream", new string('\0', 200_000)), ("application/msgpack", "\u0093\u00c4"),
        ])
        {
            yield return ($"body {Short(type)} {Short(body)}", Ask("POST", path, $"Content-Type: {type}", body));
        }

        yield return ("less than announced", Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 1000\r\n\r\nx"));
        yield return ("larger than allowed", Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\nx"));
        yield return ("broken chunks", Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n"));
        yield return ("no HTTP", Encoding.Latin1.GetBytes($"HELLO {path}\r\n\r\n"));
        yield return ("HTTP/0.9", Encoding.Latin1.GetBytes($"GET {path}\r\n"));
        yield return ("an absolute address", Ask("GET", "http://elsewhere.example" + path));
        yield return ("a second request smuggled in", Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y\r\n z\r\n\r\n"));
    }

    /// <summary>A request with one header of the attacker's, in place of the ordinary one of that name.</summary>
    public static byte[] Ask(string method, string path, string header = "", string? body = null)
    {
        StringBuilder text = new($"{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if (!header.StartsWith("Host:", StringComparison.Ordinal))
        {
            text.Append("Host: 127.0.0.1\r\n");
        }

        if (header.Length > 0)
        {
            text.Append(header).Append("\r\n");
        }

        if (body is not null)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").Append(body).ToString());
    }

    private static string Short(string text) => text.ReplaceLineEndings(" ") is { Length: > 40 } line ? line[..40] + "…" : text.ReplaceLineEndings(" ");
}
