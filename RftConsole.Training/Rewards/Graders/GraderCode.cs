using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Rewards.Graders;

/// <summary>
/// Graders in OpenAI's form that code can compute (<c>string_check</c>, <c>text_similarity</c>, <c>python</c>, and <c>multi</c> of these), as the source of a reward function:
/// they run in the sandbox like any other, and a job's folder shows what graded it.
/// </summary>
public static class GraderCode
{
    /// <summary>The metrics of <c>text_similarity</c>.</summary>
    public static IReadOnlyList<string> SimilarityMetrics { get; } = ["fuzzy_match", "bleu", "gleu", "meteor", "rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l"];

    /// <summary>The operations of <c>string_check</c>.</summary>
    public static IReadOnlyList<string> Operations { get; } = ["eq", "ne", "like", "ilike"];

    /// <summary>The source of the reward function for a checked grader.</summary>
    public static string Of(JsonObject grader)
    {
        // JSON in ASCII as a JSON string is a string of Python too.
        string literal = JsonSerializer.Serialize(grader.ToJsonString());
        return $"{Program()}\n\nGRADER = json.loads({literal})\nGRADE = made(GRADER)\n";
    }

    private static string Program()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Rewards.Graders.grader.py") ?? throw new InvalidOperationException("The program was built without grader.py.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
