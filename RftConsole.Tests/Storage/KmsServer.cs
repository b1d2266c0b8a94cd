using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RftConsole.Tests.Storage;

/// <summary>
/// Speaks the JSON protocol of AWS KMS (Encrypt, Decrypt, GenerateDataKey, DescribeKey) on a port of this machine, with keys of its own, and refuses what is not signed with its secret, by a check of its own.
/// </summary>
internal sealed class KmsServer : IAsyncDisposable
{
    public const string KeyId = "AKIDEXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Arn = "arn:aws:kms:eu-central-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    private readonly WebApplication _app;
    private readonly byte[] _master = RandomNumberGenerator.GetBytes(32);

    private KmsServer(WebApplication app) => _app = app;

    public string Endpoint => _app.Urls.First();

    /// <summary>Whether the key is enabled.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Operations that were signed well, in order.</summary>
    public List<string> Calls { get; } = [];

    public static async Task<KmsServer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        KmsServer server = new(app);
        app.Run(async context => await (await server.HandleAsync(context)).ExecuteAsync(context));
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> HandleAsync(HttpContext http)
    {
        using MemoryStream content = new();
        await http.Request.Body.CopyToAsync(content);
        if (!IsSigned(http.Request, content.ToArray()))
        {
            return Error("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.");
        }

        JsonObject request = JsonNode.Parse(content.ToArray())!.AsObject();
        string operation = http.Request.Headers["X-Amz-Target"].ToString();
        Calls.Add(operation["TrentService.".Length..]);
        byte[] context = Encoding.UTF8.GetBytes(request["EncryptionContext"]?.ToJsonString() ?? "");
        if (operation != "TrentService.Decrypt" && request["KeyId"]!.GetValue<string>() is not ("alias/console" or Arn))
        {
            return Error("NotFoundException", "Alias is not found.");
        }

        if (!Enabled && operation != "TrentService.DescribeKey")
        {
            return Error("DisabledException", $"{Arn} is disabled.");
        }

        switch (operation)
        {
            case "TrentService.DescribeKey":
                return Json(new() { ["KeyMetadata"] = new JsonObject { ["KeyId"] = Arn, ["Arn"] = Arn, ["Enabled"] = Enabled, ["KeyState"] = Enabled ? "Enabled" : "Disabled", ["KeyUsage"] = "ENCRYPT_DECRYPT" } });
            case "TrentService.GenerateDataKey" when request["KeySpec"]!.GetValue<string>() == "AES_256":
                byte[] made = RandomNumberGenerator.GetBytes(32);
                return Json(new() { ["KeyId"] = Arn, ["Plaintext"] = Convert.ToBase64String(made), ["CiphertextBlob"] = Convert.ToBase64String(Seal(made, context)) });
            case "TrentService.Encrypt":
                return Json(new() { ["KeyId"] = Arn, ["CiphertextBlob"] = Convert.ToBase64String(Seal(Convert.FromBase64String(request["Plaintext"]!.GetValue<string>()), context)) });
            case "TrentService.Decrypt":
                return Open(Convert.FromBase64String(request["CiphertextBlob"]!.GetValue<string>()), context) is { } opened
                    ? Json(new() { ["KeyId"] = Arn, ["Plaintext"] = Convert.ToBase64String(opened) })
                    : Error("InvalidCiphertextException", "");
            default:
                return Error("UnknownOperationException", operation);
        }
    }

    private byte[] Seal(byte[] plain, byte[] context)
    {
        byte[] blob = new byte[12 + plain.Length + 16];
        RandomNumberGenerator.Fill(blob.AsSpan(0, 12));
        using AesGcm cipher = new(_master, 16);
        cipher.Encrypt(blob.AsSpan(0, 12), plain, blob.AsSpan(12, plain.Length), blob.AsSpan(12 + plain.Length), context);
        return blob;
    }

    private byte[]? Open(byte[] blob, byte[] context)
    {
        byte[] plain = new byte[blob.Length - 28];
        using AesGcm cipher = new(_master, 16);
        try
        {
            cipher.Decrypt(blob.AsSpan(0, 12), blob.AsSpan(12, plain.Length), blob.AsSpan(12 + plain.Length), plain, context);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Signature Version 4 from the server's side: what the header says was signed is put together from the request itself.</summary>
    private static bool IsSigned(HttpRequest request, byte[] body)
    {
        string[] parts = request.Headers.Authorization.ToString().Split([' ', ',', '='], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["AWS4-HMAC-SHA256", "Credential", var credential, "SignedHeaders", var signed, "Signature", var signature] || credential.Split('/') is not [KeyId, var day, "eu-central-1", "kms", "aws4_request"])
        {
            return false;
        }

        string canonical = string.Join(
            '\n',
            request.Method,
            request.Path,
            "",
            string.Concat(signed.Split(';').Select(name => $"{name}:{(name == "host" ? request.Host.Value : request.Headers[name].ToString())}\n")),
            signed,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        string toSign = $"AWS4-HMAC-SHA256\n{request.Headers["X-Amz-Date"]}\n{day}/eu-central-1/kms/aws4_request\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + Secret);
        foreach (string part in (string[])[day, "eu-central-1", "kms", "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return signed.Split(';').Contains("x-amz-target") && signature == Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static IResult Json(JsonObject body) => Results.Content(body.ToJsonString(), "application/x-amz-json-1.1");

    private static IResult Error(string type, string message) => Results.Content(new JsonObject { ["__type"] = type, ["message"] = message }.ToJsonString(), "application/x-amz-json-1.1", null, StatusCodes.Status400BadRequest);
}
