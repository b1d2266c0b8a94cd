using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using RftConsole.Training.Datasets;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>Writes the probes of a record. A pure function of the record and of another one's reference answer.</summary>
public static partial class ProbeResponses
{
    private const int Repetitions = 12;
    private const string Work = "Let us go through this with care and look at every part of the question before we settle on a result.";
    private const string Filler = "It is worth thinking about this with care, because there is a great deal to consider, and every side of it deserves to be looked at. ";

    /// <summary>All probes of <paramref name="record"/>.</summary>
    /// <param name="record">The prompt and its reference answer.</param>
    /// <param name="other">The reference answer of another record, a wrong answer to this one; null where there is none.</param>
    public static IReadOnlyList<Probe> Of(TrainingRecord record, JsonNode? other)
    {
        List<Probe> probes = [];
        void Add(ProbeKind kind, string response) => probes.Add(new(kind, record.Id, response));

        Add(ProbeKind.Empty, "");
        Add(ProbeKind.PromptCopied, record.Messages.LastOrDefault(message => message.Role == "user")?.Content ?? "");
        Add(ProbeKind.LongFiller, string.Concat(Enumerable.Repeat(Filler, 16)).TrimEnd());
        Add(ProbeKind.Refusal, "I'm sorry, but I can't help with that request.");
        string[] answers = record.ReferenceAnswer is { } reference ? Answers(reference) : [];
        foreach (string response in answers.SelectMany(Formats).Distinct(StringComparer.Ordinal))
        {
            Add(ProbeKind.ReferenceAnswer, response);
        }

        if (answers.Length == 0)
        {
            return probes;
        }

        string final = answers[^1];
        Add(ProbeKind.CutInHalf, Half($"{Work}\n{final}"));
        Add(ProbeKind.Repeated, string.Join("\n", Enumerable.Repeat($"ANSWER: {final}", Repetitions)));
        if (Wrong(final, answers, other) is { } wrong)
        {
            foreach (string response in Formats(wrong))
            {
                Add(ProbeKind.WrongAnswer, response);
            }
        }

        return probes;
    }

    /// <summary>The answer in the ways in which people and models mark one.</summary>
    private static IEnumerable<string> Formats(string answer) =>
    [
        answer,
        $"{Work}\nANSWER: {answer}",
        $"{Work}\n#### {answer}",
        $"{Work}\nThe answer is {answer}.",
        $"{Work}\n\\boxed{{{answer}}}",
        $"<answer>{answer}</answer>",
        $"```json\n{answer}\n```",
    ];

    /// <summary>A text stands for itself; an object for its JSON and for each plain value in it.</summary>
    private static string[] Answers(JsonNode reference)
    {
        IEnumerable<string> found = reference switch
        {
            JsonObject group => group.Select(entry => entry.Value).OfType<JsonValue>().Select(Text).Prepend(group.ToJsonString(JsonSerializerOptions.Web)),
            JsonValue value => Solution(Text(value)),
            _ => [reference.ToJsonString()],
        };
        return [.. found.Where(text => text.Trim().Length > 0).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A worked solution that ends with a marked answer is two answers: the whole and its end.</summary>
    private static string[] Solution(string text) =>
        text.LastIndexOf("####", StringComparison.Ordinal) is >= 0 and var mark && text[(mark + 4)..].Trim() is { Length: > 0 } end ? [text, end] : [text];

    private static string Text(JsonValue value) => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static string Half(string text) => text[..(text.Length / 2)];

    /// <summary>Another number where the answer holds one, else another record's answer.</summary>
    private static string? Wrong(string answer, string[] right, JsonNode? other)
    {
        if (LastNumber.Match(answer) is { Success: true } number && long.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{answer[..number.Index]}{value + 7}{answer[(number.Index + number.Length)..]}");
        }

        string[] foreign = other is null ? [] : Answers(other);
        return foreign.Length > 0 && !right.Contains(foreign[^1], StringComparer.OrdinalIgnoreCase) ? foreign[^1] : null;
    }

    [GeneratedRegex(@"(?<![\d.,])\d{1,15}(?![\d.,]*\d)", RegexOptions.RightToLeft)]
    private static partial Regex LastNumber { get; }
}
