using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using RftConsole.Training.Jobs;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// What a judge is asked: the instructions with their placeholders filled in, then the rubric, then the form of the answer. Placeholders are filled in one pass over the
/// instructions, so that braces elsewhere survive and nothing in a response is ever read as a placeholder.
/// </summary>
public sealed partial class JudgePrompt
{
    private const string ForRubricAlone = "You are a strict and impartial grader. Judge the response below by the criteria that follow it, and by nothing else. A criterion that is met only in part is not met.";

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _instructions;
    private readonly JudgeRubric? _rubric;
    private readonly JudgeScoring _scoring;

    /// <param name="instructions">With placeholders; null where the rubric says all.</param>
    /// <param name="rubric">Criteria, or null.</param>
    /// <param name="scoring">How the answer becomes a score.</param>
    public JudgePrompt(string? instructions, JudgeRubric? rubric, JudgeScoring scoring)
    {
        (_rubric, _scoring) = (rubric, scoring);
        string text = (instructions ?? ForRubricAlone).ReplaceLineEndings("\n").Trim();
        if (scoring == JudgeScoring.Probability || rubric is not null)
        {
            // The form of the answer is another one here, and two forms confuse a judge.
            text = FormAtTheEnd().Replace(text, "").TrimEnd();
        }

        // Instructions that never show the response would be judged blindly.
        _instructions = text.Contains("{completion}", StringComparison.Ordinal) ? text
            : text + (text.Contains("{prompt}", StringComparison.Ordinal) ? "" : "\n\n<prompt>\n{prompt}\n</prompt>") + "\n\n<response>\n{completion}\n</response>"
                + (text.Contains("{reference_answer}", StringComparison.Ordinal) ? "" : "\n\n<reference_answer>\n{reference_answer}\n</reference_answer>");
        AsksEach = rubric is not null && (rubric.Calls ?? (scoring == JudgeScoring.Probability ? RubricCalls.Each : RubricCalls.One)) == RubricCalls.Each;
    }

    /// <summary>Whether each criterion is a question of its own.</summary>
    public bool AsksEach { get; }

    /// <summary>The questions about a sample: one, or one for each criterion.</summary>
    public IReadOnlyList<string> Questions(RewardSample sample)
    {
        string filled = Fill(_instructions, sample);
        return AsksEach ? [.. _rubric!.Criteria.Select(criterion => filled + "\n\n" + Closing(criterion))] : [filled + Closing()];
    }

    /// <summary>
    /// Instructions for a judge whose context does not hold them: the paragraph that begins with <c>Goal:</c>, and those with placeholders; null where there is no such
    /// paragraph. Small models make little of long criteria anyhow.
    /// </summary>
    public static string? Shorten(string instructions)
    {
        string[] paragraphs = instructions.ReplaceLineEndings("\n").Trim().Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return paragraphs.Any(IsGoal) ? string.Join("\n\n", paragraphs.Where(paragraph => IsGoal(paragraph) || Placeholder().IsMatch(paragraph))) : null;

        static bool IsGoal(string paragraph) => paragraph.StartsWith("Goal:", StringComparison.Ordinal);
    }

    /// <summary>What is said to a judge whose answer could not be read.</summary>
    public string Reminder(string reason) =>
        $"That answer cannot be used: {reason}. {(_rubric is null || AsksEach ? "Return exactly this JSON and nothing else: {\"score\": <number from 0 to 1>, \"reasoning\": \"<one or two sentences>\"}" : FormOfRubric())}";

    private string Closing(RubricCriterion criterion) => $"The one criterion to judge by: {criterion.Description.Trim()}\n\n"
        + (_scoring == JudgeScoring.Probability
            ? "Is the criterion met? Answer with one word, yes or no."
            : "Return exactly this JSON and nothing else: {\"score\": 1 if the criterion is met and 0 if not, \"reasoning\": \"<one or two sentences>\"}");

    private string Closing()
    {
        if (_rubric is not null)
        {
            return "\n\nCriteria, each of which is met (true) or not (false):\n" + string.Concat(_rubric.Criteria.Select(x => $"- {x.Name}: {x.Description.Trim()}\n")) + "\n" + FormOfRubric();
        }

        if (_scoring == JudgeScoring.Probability)
        {
            return YesOrNo().IsMatch(_instructions) ? "" : "\n\nIs the response good by these instructions? Answer with one word, yes or no.";
        }

        return _instructions.Contains("\"score\"", StringComparison.Ordinal)
            ? ""
            : "\n\nReturn exactly this JSON and nothing else: {\"score\": <number from 0 to 1>, \"reasoning\": \"<one or two sentences>\"}";
    }

    private string FormOfRubric() =>
        "Return exactly this JSON and nothing else: {" + string.Concat(_rubric!.Criteria.Select(x => $"\"{x.Name}\": true or false, ")) + "\"reasoning\": \"<one or two sentences>\"}";

    /// <summary>Fills the placeholders in, in one pass.</summary>
    internal static string Fill(string instructions, RewardSample sample)
    {
        // A response that closes the tag around it would speak in the instructions' place.
        string[] tags = [.. ClosingTag().Matches(instructions).Select(match => match.Value[2..^1]).Distinct(StringComparer.OrdinalIgnoreCase)];
        return Placeholder().Replace(instructions, match => Inside(match.Value switch
        {
            "{prompt}" => Conversation(sample),
            "{completion}" => sample.Messages.Count > 0 ? sample.Messages[^1].Content : "",
            ['{', '{', ..] => Member(sample, match.Groups["key"].Value),
            _ => Member(sample, "reference_answer"),
        }));

        string Inside(string text) => tags.Aggregate(text, (inner, tag) => inner.Replace("</" + tag, "< /" + tag, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A member of the training record, as graders in OpenAI's form name it; keys lead into objects.</summary>
    private static string Member(RewardSample sample, string path)
    {
        string[] keys = path.Split('.');
        JsonNode? value = keys[0] == "reference_answer" ? sample.ReferenceAnswer : sample.Metadata[keys[0]];
        foreach (string key in keys.Skip(1))
        {
            value = (value as JsonObject)?[key];
        }

        return value switch
        {
            null => "(none)",
            JsonValue text when text.TryGetValue(out string? plain) => plain,
            _ => value.ToJsonString(s_readable),
        };
    }

    /// <summary>What came before the response: the question alone, or the turns with their roles.</summary>
    private static string Conversation(RewardSample sample)
    {
        ChatMessage[] turns = [.. sample.Messages.SkipLast(1)];
        if (turns is [var only])
        {
            return only.Content;
        }

        StringBuilder text = new();
        foreach (ChatMessage turn in turns)
        {
            text.Append(turn.Role).Append(": ").Append(turn.Content);
            if (turn.ToolCalls is not null)
            {
                text.Append(turn.ToolCalls.ToJsonString(s_readable));
            }

            text.Append("\n\n");
        }

        return text.ToString().TrimEnd();
    }

    [GeneratedRegex(@"\{\{\s*item\.(?<key>[A-Za-z_][\w.-]*)\s*\}\}|\{(?:prompt|completion|reference_answer)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("</[A-Za-z][A-Za-z0-9_-]*>")]
    private static partial Regex ClosingTag();

    /// <summary>A last paragraph that asks for JSON.</summary>
    [GeneratedRegex(@"\n\s*\n[^\n]*return exactly this JSON(?:(?!\n\s*\n\s*\S).)*$", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex FormAtTheEnd();

    [GeneratedRegex(@"\byes\b.{0,12}\bno\b|\bno\b.{0,12}\byes\b", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex YesOrNo();
}
