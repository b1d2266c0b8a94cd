using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Amazon.Runtime;

namespace RftConsole.Training.Rewards.Remote;

/// <summary>
/// Signature Version 4 of a request (AWS General Reference, "Signature Version 4 signing process"): the header <c>Authorization</c> over method, path, query, the headers
/// that are there, and the body.
/// </summary>
public static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds <c>X-Amz-Date</c>, the session token where there is one, and <c>Authorization</c>. All other headers must be there already.</summary>
    /// <param name="request">With its address, headers and content.</param>
    /// <param name="body">The content's bytes.</param>
    /// <param name="credentials">Whose signature it is.</param>
    /// <param name="region">Such as <c>eu-west-1</c>.</param>
    /// <param name="service">Such as <c>lambda</c>.</param>
    /// <param name="now">The date of the signature; a server takes it for some minutes.</param>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, ImmutableCredentials credentials, string region, string service, DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{time[..8]}/{region}/{service}/aws4_request";
        request.Headers.Host = request.RequestUri!.IsDefaultPort ? request.RequestUri.IdnHost : $"{request.RequestUri.IdnHost}:{request.RequestUri.Port}";
        request.Headers.TryAddWithoutValidation("X-Amz-Date", time);
        if (credentials.UseToken)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Security-Token", credentials.Token);
        }

        (string Name, string Value)[] headers =
        [
            .. request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default(System.Net.Http.Headers.HttpHeadersNonValidated))
                .Select(header => (Name: header.Key.ToLowerInvariant(), Value: string.Join(',', header.Value.Select(Trim))))
                .Where(header => header.Name is "host" or "content-type" || header.Name.StartsWith("x-amz-", StringComparison.Ordinal))
                .OrderBy(header => header.Name, StringComparer.Ordinal),
        ];
        string signed = string.Join(';', headers.Select(header => header.Name));
        string canonical = string.Join(
            '\n',
            request.Method.Method,
            Path(request.RequestUri),
            Query(request.RequestUri),
            string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n")),
            signed,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        string toSign = string.Join('\n', Algorithm, time, scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey);
        foreach (string part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.TryAddWithoutValidation("Authorization", $"{Algorithm} Credential={credentials.AccessKey}/{scope}, SignedHeaders={signed}, Signature={signature}");
    }

    /// <summary>Each segment is encoded once more than in the address, as all services but S3 want it.</summary>
    private static string Path(Uri address) => string.Join('/', address.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string Query(Uri address) => string.Join('&', address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
        .Order(StringComparer.Ordinal));

    private static string Trim(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
