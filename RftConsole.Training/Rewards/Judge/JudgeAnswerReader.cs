using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>What a judge's answer says.</summary>
/// <param name="Values">The wanted keys' values, from 0 to 1, in the order they were asked for.</param>
/// <param name="Extra">Further numbers and booleans of the answer, such as criteria that the instructions name.</param>
/// <param name="Warning">What was odd although it counts; null where nothing was.</param>
public sealed record JudgeReading(IReadOnlyList<double> Values, IReadOnlyList<RewardMetric> Extra, string? Warning);

/// <summary>
/// Reads the JSON of a judge's answer, in a code fence or with text around it. A guess is not a verdict, and what the policy wrote is none either: readings that differ,
/// objects inside broken JSON, objects that the response itself holds, and those of an answer that was cut off after some prose do not count.
/// </summary>
public static partial class JudgeAnswerReader
{
    private const int LongestAnswer = 1 << 16;
    private const int MostExtra = 20;

    private static readonly JsonDocumentOptions s_lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32, AllowDuplicateProperties = false };

    /// <param name="answer">The judge's text.</param>
    /// <param name="keys">The wanted keys: <c>score</c>, or the names of a rubric's criteria.</param>
    /// <param name="response">What was judged: JSON that stands in it is a quotation.</param>
    /// <param name="reason">Why nothing could be read; null on success.</param>
    public static JudgeReading? Read(JudgeAnswer answer, IReadOnlyList<string> keys, string response, out string? reason)
    {
        string text = Fence().Replace(Thoughts().Replace(answer.Text, ""), "$1").Trim();
        if (text.Length is 0 or > LongestAnswer)
        {
            reason = text.Length == 0 ? "the answer is empty" : $"the answer has {text.Length} characters";
            return null;
        }

        if (answer.Truncated && text[0] != '{')
        {
            reason = "the answer was cut off at the token limit before its JSON";
            return null;
        }

        List<JudgeReading> readings = [];
        string? wrong = null;
        foreach (string raw in Objects(text))
        {
            if (response.Contains(raw, StringComparison.Ordinal))
            {
                wrong ??= "its JSON is a quotation of the response";
            }
            else if (ReadObject(raw, keys, ref wrong) is { } reading)
            {
                readings.Add(reading);
            }
        }

        if (readings.Count == 0 && wrong is null && keys is [var only] && Bare(text, only) is { } bare)
        {
            readings.Add(bare);
        }

        reason = readings.Count == 0 ? wrong ?? (answer.Truncated ? "the answer was cut off at the token limit" : $"it holds no JSON object with {string.Join(", ", keys.Select(key => $"\"{key}\""))}")
            : readings.Any(other => !other.Values.SequenceEqual(readings[0].Values)) ? "it holds several JSON objects that differ"
            : null;
        return reason is null ? readings[^1] : null;
    }

    /// <summary>The outermost JSON objects of a text, as they are written. What stands between braces that are no JSON is passed over as a whole.</summary>
    private static List<string> Objects(string text)
    {
        List<string> found = [];
        for (int i = text.IndexOf('{', StringComparison.Ordinal); i >= 0; i = i < text.Length ? text.IndexOf('{', i) : -1)
        {
            byte[] rest = Encoding.UTF8.GetBytes(text[i..]);
            Utf8JsonReader reader = new(rest, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 });
            try
            {
                reader.Read();
                reader.Skip();
                found.Add(Encoding.UTF8.GetString(rest.AsSpan(0, (int)reader.BytesConsumed)));
                i += found[^1].Length;
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                i = EndOfBraces(text, i);
                if (i < 0)
                {
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>Behind the brace that closes the one at <paramref name="start"/>; below 0 where none does.</summary>
    private static int EndOfBraces(string text, int start)
    {
        int depth = 0;
        for (int i = start; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return i + 1;
            }
        }

        return -1;
    }

    private static JudgeReading? ReadObject(string raw, IReadOnlyList<string> keys, ref string? wrong)
    {
        JsonElement found;
        try
        {
            using JsonDocument document = JsonDocument.Parse(raw, s_lenient);
            found = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            wrong ??= "a key of its JSON stands twice";
            return null;
        }

        // Some judges put the verdicts one level down.
        JsonElement[] places = [found, .. found.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object).Select(property => property.Value)];
        double[] values = new double[keys.Count];
        bool any = false;
        string? warning = null;
        foreach ((int index, string key) in keys.Index())
        {
            JsonElement? value = places.Select(place => Find(place, key)).FirstOrDefault(place => place is not null);
            if (value is null)
            {
                wrong ??= any ? $"\"{key}\" is missing" : null;
                return null;
            }

            any = true;
            if (Number(value.Value) is not { } number)
            {
                wrong ??= $"\"{key}\" is {Shorten(value.Value.GetRawText())}, neither a number nor true or false";
                return null;
            }

            values[index] = Math.Clamp(number, 0, 1);
            if (number is < 0 or > 1)
            {
                warning = Outside(key, number, values[index]);
            }
        }

        RewardMetric[] extra =
        [
            .. places.SelectMany(place => place.EnumerateObject())
                .Where(property => property.Value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                .Where(property => property.Name.Length is > 0 and <= 64 && !keys.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                .Select(property => (property.Name, Value: Number(property.Value)))
                .Where(entry => entry.Value is not null)
                .Select(entry => new RewardMetric(entry.Name, entry.Value!.Value, RewardMetricType.Metric))
                .DistinctBy(metric => metric.Name)
                .Take(MostExtra),
        ];
        return new(values, extra, warning);
    }

    private static JsonElement? Find(JsonElement place, string key)
    {
        foreach (JsonProperty property in place.EnumerateObject())
        {
            if (string.Equals(property.Name, key, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value;
            }
        }

        return null;
    }

    /// <summary>
    /// An answer that is a number alone, or whose JSON is broken behind its first key (a line break inside the reasoning, an end cut off): what comes first was not
    /// quoted from anywhere.
    /// </summary>
    private static JudgeReading? Bare(string text, string key)
    {
        string? written = PlainNumber().IsMatch(text) ? text
            : FirstKey().Match(text) is { Success: true } match && string.Equals(match.Groups["key"].Value, key, StringComparison.OrdinalIgnoreCase) ? match.Groups["value"].Value
            : null;
        if (written is null || Words(written) is not { } number)
        {
            return null;
        }

        double value = Math.Clamp(number, 0, 1);
        return new([value], [], number == value ? null : Outside(key, number, value));
    }

    private static string Outside(string key, double number, double value) => string.Create(CultureInfo.InvariantCulture, $"the judge gave {key} {number}, outside 0 to 1; {value} counts");

    private static double? Number(JsonElement value)
    {
        double? number = value.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.Number when value.TryGetDouble(out double given) => given,
            JsonValueKind.String => Words(value.GetString()!.Trim()),
            _ => null,
        };
        return number is { } finite && double.IsFinite(finite) ? finite : null;
    }

    private static double? Words(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "pass" => 1,
        "false" or "no" or "fail" => 0,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null,
    };

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    [GeneratedRegex(@"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Thoughts();

    [GeneratedRegex(@"^-?(?:\d+(?:\.\d+)?|\.\d+)$")]
    private static partial Regex PlainNumber();

    [GeneratedRegex(@"^\{\s*""(?<key>\w+)""\s*:\s*(?<value>-?\d+(?:\.\d+)?|true|false)(?=\s*[,}\n])", RegexOptions.IgnoreCase)]
    private static partial Regex FirstKey();

    [GeneratedRegex(@"^\s*```(?:json)?\s*\n(.*?)(?:\n\s*```\s*)?$", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Fence();
}
