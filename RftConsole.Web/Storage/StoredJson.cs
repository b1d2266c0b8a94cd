using System.Text.Json;
using System.Text.Json.Serialization;

namespace RftConsole.Web.Storage;

/// <summary>Values that the database keeps as JSON text: never searched, always read whole.</summary>
internal static class StoredJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        // A metric of a diverged step is NaN or infinite, and the page has to show that it is.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
        DictionaryKeyPolicy = null,
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_options);

    public static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, s_options) ?? throw new InvalidDataException($"The database holds no {typeof(T).Name} where one belongs: {json}");

    public static T? ReadOptional<T>(string? json)
        where T : class => json is null ? null : Read<T>(json);
}
