namespace RftConsole.Training.Datasets.Tables;

/// <summary>What each column of a table becomes in a training record.</summary>
/// <param name="Question">The user's turn.</param>
/// <param name="Instructions">The system turn; null where there is none.</param>
/// <param name="Answer">The <c>reference_answer</c>; null where there is none.</param>
/// <param name="Id">The record's id; null generates one.</param>
/// <param name="Metadata">Handed to the reward function under the columns' names.</param>
public sealed record TableColumns(string Question, string? Instructions, string? Answer, string? Id, IReadOnlyList<string> Metadata)
{
    private static readonly string[] s_questions = ["question", "prompt", "problem", "instruction", "query", "input", "user", "text"];
    private static readonly string[] s_answers = ["reference_answer", "answer", "reference", "solution", "expected", "target", "ground_truth", "label", "output", "completion", "response"];
    private static readonly string[] s_instructions = ["system", "system_prompt", "instructions"];
    private static readonly string[] s_ids = ["id", "uid", "record_id", "sample_id"];

    /// <summary>A guess by the columns' names; the first column is the question where none is called so.</summary>
    public static TableColumns Guess(IReadOnlyList<string> columns)
    {
        var question = Named(s_questions) ?? columns[0];
        var answer = Named(s_answers, question) ?? (columns.Count == 2 ? columns.First(column => column != question) : null);
        var instructions = Named(s_instructions, question, answer);
        var id = Named(s_ids, question, answer, instructions);
        return new TableColumns(question, instructions, answer, id, [.. columns.Except([question, answer ?? question, instructions ?? question, id ?? question])]);

        string? Named(string[] names, params string?[] taken) => names
            .Select(name => columns.FirstOrDefault(column => string.Equals(column.Trim().Replace(' ', '_'), name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(column => column is not null && !taken.Contains(column));
    }

    /// <summary>Sees that the columns are there, and none is used for two things that exclude each other.</summary>
    /// <exception cref="UserInputException">One is not, or one is.</exception>
    public void Check(IReadOnlyList<string> columns)
    {
        string[] reserved = ["messages", "reference_answer", "id", "tools"];
        foreach (var column in new[] { Question, Instructions, Answer, Id }.Concat(Metadata).OfType<string>())
        {
            if (!columns.Contains(column))
            {
                throw new UserInputException($"there is no column \"{column}\"; there are {string.Join(", ", columns)}");
            }
        }

        if (Question == Answer)
        {
            throw new UserInputException($"column \"{Question}\" cannot be question and answer at once");
        }

        if (Metadata.FirstOrDefault(reserved.Contains) is { } taken)
        {
            throw new UserInputException($"column \"{taken}\" cannot be metadata: a training record has a field of that name");
        }
    }
}
