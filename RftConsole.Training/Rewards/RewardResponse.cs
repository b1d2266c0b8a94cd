using System.Text.Json;

namespace RftConsole.Training.Rewards;

/// <summary>The grade of one sample as the function gave it, or why it cannot be used.</summary>
public sealed record SampleGrade(string Id, double Score, IReadOnlyList<RewardMetric> Metrics, string? Error, string? Warning);

/// <summary>
/// Reads what a reward function returned, wherever it ran: a list with one object a sample (<c>id</c>, <c>aggregate_reward_score</c>,
/// <c>metrics_list</c>), or an object with <c>errorMessage</c>. Nothing of it is trusted. A value that JSON cannot hold stands
/// as <c>{"invalid": what it is}</c>.
/// </summary>
public static class RewardResponse
{
    /// <summary>Matches the entries to <paramref name="ids"/>; one grade for each id, in the same order.</summary>
    /// <param name="value">What the function returned.</param>
    /// <param name="ids">The ids that were sent.</param>
    /// <param name="failure">Why no entry can be used; null where the entries were read.</param>
    public static IReadOnlyList<SampleGrade> Read(JsonElement value, IReadOnlyList<string> ids, out string? failure)
    {
        failure = Reject(value);
        if (failure is not null)
        {
            string error = failure;
            return [.. ids.Select(id => new SampleGrade(id, 0, [], error, null))];
        }

        Dictionary<string, SampleGrade> grades = [];
        HashSet<string> known = [.. ids];
        List<string> stray = [];
        int position = 0;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            position++;
            if (ReadId(entry, position, out string id) is { } reason)
            {
                stray.Add(reason);
            }
            else if (!known.Contains(id))
            {
                stray.Add($"entry {position} has the id '{Shorten(id)}', which was not sent");
            }
            else if (grades.ContainsKey(id))
            {
                grades[id] = Wrong(id, $"sample '{id}': the result has this id more than once");
            }
            else
            {
                grades[id] = ReadEntry(entry, id);
            }
        }

        string hint = stray.Count > 0 ? " (" + string.Join("; ", stray.Take(3)) + ")" : "";
        if (position != ids.Count || stray.Count > 0)
        {
            failure = $"the result has {position} entries for {ids.Count} samples{hint}";
        }

        return [.. ids.Select(id => grades.GetValueOrDefault(id) ?? Wrong(id, $"sample '{id}': the result has no entry with this id{hint}"))];
    }

    private static string? Reject(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("errorMessage", out JsonElement message))
        {
            string type = value.TryGetProperty("errorType", out JsonElement kind) && Text(kind) is { Length: > 0 } name ? name + ": " : "";
            return "the function returned an error: " + Shorten(type + (Text(message) ?? Describe(message)));
        }

        return $"the function returned {Describe(value)}; it must return a list with one entry for each sample";
    }

    private static string? ReadId(JsonElement entry, int position, out string id)
    {
        id = "";
        if (entry.ValueKind != JsonValueKind.Object || IsInvalid(entry))
        {
            return $"entry {position} is {Describe(entry)}, not an object";
        }

        if (!entry.TryGetProperty("id", out JsonElement value))
        {
            return $"entry {position} has no id";
        }

        if (Text(value) is not { } text)
        {
            return $"the id of entry {position} is {Describe(value)}, not a text";
        }

        id = text;
        return null;
    }

    private static SampleGrade ReadEntry(JsonElement entry, string id)
    {
        if (!entry.TryGetProperty("aggregate_reward_score", out JsonElement score))
        {
            return Wrong(id, $"sample '{id}': aggregate_reward_score is missing");
        }

        if (Number(score) is not { } number)
        {
            return Wrong(id, $"sample '{id}': aggregate_reward_score is {Describe(score)}; it must be a finite number");
        }

        List<RewardMetric> metrics = [];
        if (entry.TryGetProperty("metrics_list", out JsonElement list) && list.ValueKind != JsonValueKind.Null)
        {
            if (list.ValueKind != JsonValueKind.Array)
            {
                return Wrong(id, $"sample '{id}': metrics_list is {Describe(list)}; it must be a list");
            }

            foreach (JsonElement item in list.EnumerateArray())
            {
                if (ReadMetric(item, $"sample '{id}': metrics_list[{metrics.Count}]", out RewardMetric? metric) is { } reason)
                {
                    return Wrong(id, reason);
                }

                metrics.Add(metric!);
            }
        }

        string? warning = number is < -1 or > 1
            ? FormattableString.Invariant($"sample '{id}': aggregate_reward_score is {number}, outside [-1, 1]")
            : null;
        return new(id, number, metrics, null, warning);
    }

    private static string? ReadMetric(JsonElement item, string place, out RewardMetric? metric)
    {
        metric = null;
        if (item.ValueKind != JsonValueKind.Object || IsInvalid(item))
        {
            return $"{place} is {Describe(item)}; it must be an object with name, value and type";
        }

        if (!item.TryGetProperty("name", out JsonElement name) || Text(name) is not { Length: > 0 } text)
        {
            return $"{place}.name is {Describe(name)}; it must be a text";
        }

        if (!item.TryGetProperty("value", out JsonElement value) || Number(value) is not { } number)
        {
            return $"{place}.value is {Describe(value)}; it must be a finite number";
        }

        if (!item.TryGetProperty("type", out JsonElement type) || Text(type) is not ("Reward" or "Metric"))
        {
            return $"{place}.type is {Describe(type)}; it must be \"Reward\" or \"Metric\"";
        }

        metric = new(text, number, Text(type) == "Reward" ? RewardMetricType.Reward : RewardMetricType.Metric);
        return null;
    }

    private static SampleGrade Wrong(string id, string error) => new(id, 0, [], error, null);

    private static double? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    /// <summary>The text, or null where the element is none; half of a surrogate pair makes it none.</summary>
    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsInvalid(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("invalid", out _);

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Null => "null (None)",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Number => "the number " + Shorten(value.GetRawText()),
        JsonValueKind.String => Text(value) is { } text ? $"the text '{Shorten(text)}'" : "a text with half of a surrogate pair",
        JsonValueKind.Object when IsInvalid(value) && Text(value.GetProperty("invalid")) is { } kind => Shorten(kind),
        JsonValueKind.Object => "an object",
        _ => "a list",
    };

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
