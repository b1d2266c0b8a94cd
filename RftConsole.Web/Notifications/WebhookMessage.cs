using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using RftConsole.Training;

namespace RftConsole.Web.Notifications;

/// <summary>The job that an event is about. It holds names and figures, and no prompt and no response.</summary>
internal sealed record WebhookJob(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("fine_tuned_model")] string? FineTunedModel,
    [property: JsonPropertyName("finished_at")] long? FinishedAt,
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("total_steps")] int TotalSteps,
    [property: JsonPropertyName("baseline_accuracy")] double? BaselineAccuracy,
    [property: JsonPropertyName("accuracy")] double? Accuracy,
    [property: JsonPropertyName("message")] string? Message,
    [property: JsonPropertyName("url")] string? Url);

/// <summary>
/// A delivery in the form of OpenAI's webhooks, so that what reads those reads these: the event object, and the three headers of Standard Webhooks.
/// </summary>
/// <remarks>https://www.standardwebhooks.com; https://platform.openai.com/docs/api-reference/webhook-events.</remarks>
/// <param name="Id">The same for each try, by which a receiver knows a repetition.</param>
/// <param name="Type">The event's type.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="Data">The job; null in a test.</param>
internal sealed record WebhookMessage(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    [property: JsonPropertyName("data")] WebhookJob? Data)
{
    public const string TestType = "webhook.test";
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <summary>A secret with this beginning is Base64; any other is taken as it is written.</summary>
    private const string EncodedSecret = "whsec_";

    private const int ShortestSecret = 16;
    private const int LongestSecret = 500;

    [JsonPropertyName("object")]
    public string Object => "event";

    /// <summary>A new secret of 192 random bits.</summary>
    public static string NewSecret() => EncodedSecret + Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    /// <summary>The event's type, and the job's status as the HTTP API calls it.</summary>
    public static (string Type, string Status) Of(NotificationKind kind)
    {
        string status = kind switch
        {
            NotificationKind.JobCompleted => "succeeded",
            NotificationKind.JobFailed => "failed",
            NotificationKind.JobPaused => "paused",
            _ => "cancelled",
        };
        return ("fine_tuning.job." + status, status);
    }

    /// <summary>The secret, if it is one.</summary>
    /// <exception cref="UserInputException">It is too short, too long, or no Base64 after <c>whsec_</c>.</exception>
    public static string RequireSecret(string secret)
    {
        string trimmed = secret.Trim();
        if (trimmed.Length is < ShortestSecret or > LongestSecret)
        {
            throw new UserInputException(string.Create(CultureInfo.InvariantCulture, $"Secret: give {ShortestSecret} to {LongestSecret} characters; this has {trimmed.Length}."));
        }

        try
        {
            _ = KeyOf(trimmed);
            return trimmed;
        }
        catch (FormatException)
        {
            throw new UserInputException($"Secret: what follows {EncodedSecret} is no Base64; copy it again.");
        }
    }

    /// <summary>The body, byte for byte as it is signed.</summary>
    public byte[] Body() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>HMAC-SHA256 over id, time and body, joined by dots.</summary>
    /// <returns><c>v1,</c> and the code in Base64.</returns>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed));
    }

    private static byte[] KeyOf(string secret) =>
        secret.StartsWith(EncodedSecret, StringComparison.Ordinal) ? Convert.FromBase64String(secret[EncodedSecret.Length..]) : Encoding.UTF8.GetBytes(secret);
}
