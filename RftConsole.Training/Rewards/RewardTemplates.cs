using System.Reflection;
using System.Text;

namespace RftConsole.Training.Rewards;

/// <summary>
/// All reward templates. Beside each entry here stand, in the folder <c>Templates</c>, the files <c>name.py</c> (custom code) or
/// <c>name.txt</c> (a judge's instructions), <c>name.md</c> (documentation) and <c>name.jsonl</c> (example records).
/// </summary>
public static class RewardTemplates
{
    /// <summary>In the order in which they are offered: those of the original, then ours.</summary>
    public static IReadOnlyList<RewardTemplate> All { get; } =
    [
        CustomCode(
            "math-reasoning",
            "Mathematical reasoning with ground truth verification",
            "Extracts the final answer from the response and compares it with the reference answer as a number: 1 where they are equal, else 0.",
            "compare",
            "formulas"),
        CustomCode(
            "format-constraints",
            "Format validation and constraint checking",
            "Checks what the record asks for: a JSON schema, a regular expression, a length, required and forbidden words, a language. The share that is fulfilled; 1 where all are."),
        CustomCode(
            "generic-grader",
            "Generic grader with boilerplate code",
            "A skeleton to make your own. As it is: 1 where the response equals the reference answer, 0.5 where it contains it, else 0."),
        ModelAsJudge(
            "instruction-following",
            "Instruction following",
            "A judge decides how well the response does what was asked: the task, every part and constraint of it, and nothing else."),
        ModelAsJudge(
            "summarization",
            "Summarization (multi-turn dialogs)",
            "A judge decides whether the summary of a conversation is faithful, complete and concise."),
        ModelAsJudge(
            "reasoning-evaluation",
            "Reasoning evaluation (chain of thought for specialised domains)",
            "A judge decides whether the steps of the response are valid and lead to its conclusion."),
        ModelAsJudge(
            "rag-faithfulness",
            "RAG faithfulness (context-grounded Q&A)",
            "A judge decides whether every claim of the response is supported by the context in the prompt."),
        CustomCode(
            "code-tests",
            "Code generation graded by running the tests",
            "Runs the response's Python code against the record's tests, in a process of its own without network. The share of tests that pass; 1 where all do."),
        CustomCode(
            "text-similarity",
            "Text similarity",
            "Compares the response with a reference text: ROUGE-L, chrF, F1 of words or edit distance, from 0 to 1."),
        ModelAsJudge(
            "content-labels",
            "Content moderation labels",
            "A judge decides whether the response gives a text the labels that a moderation policy asks for."),
    ];

    /// <summary>The template of this name; null where there is none.</summary>
    public static RewardTemplate? Find(string? name) => All.FirstOrDefault(template => template.Name == name);

    /// <summary>The templates of one kind, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<RewardTemplate> Of(RewardKind kind) => [.. All.Where(template => template.Kind == kind)];

    /// <summary>A long file stands here in parts, which the template is the sum of.</summary>
    private static RewardTemplate CustomCode(string name, string title, string description, params string[] furtherParts) =>
        new(name, title, description) { Source = string.Join("\n\n", [Text(name + ".py"), .. furtherParts.Select(part => Text($"{name}.{part}.py"))]), Examples = Lines(name), Documentation = Text(name + ".md") };

    private static RewardTemplate ModelAsJudge(string name, string title, string description) =>
        new(name, title, description) { Instructions = Text(name + ".txt"), Examples = Lines(name), Documentation = Text(name + ".md") };

    private static string[] Lines(string name) => Text(name + ".jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Text(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Rewards.Templates." + file)
            ?? throw new InvalidOperationException($"The program was built without {file}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
