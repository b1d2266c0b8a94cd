using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RftConsole.Web.Api;

/// <summary>How the API reads and writes JSON.</summary>
internal static class ApiJson
{
    /// <summary>A body that is read whole may be so large; a file comes as a stream.</summary>
    public const int LargestBody = 8 << 20;

    /// <summary>Nulls are written, as OpenAI's objects have them. Nothing takes the answers for markup: their type says JSON, and browsers may not guess another.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <summary>Reads the body whole.</summary>
    /// <exception cref="ApiException">It is too large.</exception>
    public static async Task<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > LargestBody)
        {
            throw TooLarge();
        }

        using MemoryStream content = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (content.Length + read > LargestBody)
            {
                throw TooLarge();
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    /// <summary>The body as an object.</summary>
    /// <exception cref="ApiException">It is no JSON, or no object.</exception>
    public static JsonPart Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            JsonElement root = JsonElement.Parse(body.Span);
            return root.ValueKind == JsonValueKind.Object ? new(root, "") : throw ApiException.Invalid(null, "The body must be a JSON object.");
        }
        catch (JsonException broken)
        {
            throw ApiException.Invalid(null, $"The body is not valid JSON (line {(broken.LineNumber ?? 0) + 1}, byte {(broken.BytePositionInLine ?? 0) + 1}).");
        }
    }

    /// <inheritdoc cref="Parse"/>
    public static async Task<JsonPart> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => Parse(await ReadBytesAsync(request, cancellationToken));

    private static ApiException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {LargestBody >> 20} MB.");
}
