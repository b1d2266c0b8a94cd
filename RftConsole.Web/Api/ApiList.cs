using System.Globalization;
using System.Text.Json.Serialization;

namespace RftConsole.Web.Api;

/// <summary>A page of a list.</summary>
public sealed record ListReply<T>(
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("data")] IReadOnlyList<T> Data,
    [property: JsonPropertyName("has_more")] bool HasMore,
    [property: JsonPropertyName("first_id")] string? FirstId,
    [property: JsonPropertyName("last_id")] string? LastId);

/// <summary>What of a list is asked for: <c>limit</c> entries behind the one that <c>after</c> names.</summary>
internal sealed record ApiPage(int Limit, string? After)
{
    /// <summary>More at once are cut to this, as published clients ask for 200.</summary>
    private const int MostEntries = 1000;

    /// <exception cref="ApiException"><c>limit</c> is no number of entries.</exception>
    public static ApiPage Of(HttpRequest request, int limit = 20)
    {
        string? given = request.Query["limit"];
        if (!string.IsNullOrEmpty(given) && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            throw ApiException.Invalid("limit", "'limit' must be a number from 1.");
        }

        string? after = request.Query["after"];
        return new(Math.Min(limit, MostEntries), string.IsNullOrEmpty(after) ? null : after);
    }

    /// <summary>The page of a list.</summary>
    /// <exception cref="ApiException"><see cref="After"/> is none of it.</exception>
    public ListReply<T> Take<T>(IReadOnlyList<T> all, Func<T, string> id)
    {
        int first = 0;
        if (After is not null)
        {
            first = all.Index().Where(entry => id(entry.Item) == After).Select(entry => entry.Index + 1).FirstOrDefault();
            if (first == 0)
            {
                throw ApiException.Invalid("after", $"'after' names no entry of this list: '{ApiException.Shorten(After)}'.");
            }
        }

        T[] data = [.. all.Skip(first).Take(Limit)];
        return new("list", data, first + data.Length < all.Count, data.Length == 0 ? null : id(data[0]), data.Length == 0 ? null : id(data[^1]));
    }
}
