namespace RftConsole.Training.Models;

/// <summary>A run of packed rows.</summary>
/// <param name="First">The first row.</param>
/// <param name="Length">Rows.</param>
internal readonly record struct RowSpan(int First, int Length);

/// <summary>One prompt and the completions that share it.</summary>
/// <param name="Prompt">The prompt's rows.</param>
/// <param name="Completions">The rows of each completion.</param>
internal sealed record SequenceGroup(RowSpan Prompt, RowSpan[] Completions);

/// <summary>
/// Where the tokens of some sequences stand when each prompt is computed once for its group: prompts and completions one after the other, without padding. Plain
/// arithmetic on indices.
/// </summary>
internal sealed class GroupedSequences
{
    /// <param name="sequences">Prompts, possibly empty, and what goes on from them; those that hold the same prompt array form a group.</param>
    public GroupedSequences(IReadOnlyList<(int[] Prompt, ReadOnlyMemory<int> Completion)> sequences)
    {
        var ids = new List<int>();
        var positions = new List<int>();
        var groups = new List<SequenceGroup>();
        int[][] predictors = new int[sequences.Count][];
        foreach (var group in sequences.Select((sequence, index) => (sequence, index)).GroupBy(x => x.sequence.Prompt, ReferenceEqualityComparer.Instance))
        {
            int[] prompt = group.First().sequence.Prompt;
            var promptRows = Add(prompt, 0);
            var completions = new List<RowSpan>();
            foreach (var (sequence, index) in group)
            {
                var rows = Add(sequence.Completion.Span, prompt.Length);
                completions.Add(rows);
                predictors[index] = [promptRows.First + prompt.Length - 1, .. Enumerable.Range(rows.First, rows.Length)];
            }

            groups.Add(new(promptRows, [.. completions]));
        }

        Ids = [.. ids];
        Positions = [.. positions];
        Groups = [.. groups];
        Predictors = predictors;

        RowSpan Add(ReadOnlySpan<int> tokens, int firstPosition)
        {
            var rows = new RowSpan(ids.Count, tokens.Length);
            for (int i = 0; i < tokens.Length; i++)
            {
                ids.Add(tokens[i]);
                positions.Add(firstPosition + i);
            }

            return rows;
        }
    }

    /// <summary>Token ids, packed.</summary>
    public int[] Ids { get; }

    /// <summary>Position of each packed token in its own sequence.</summary>
    public int[] Positions { get; }

    public SequenceGroup[] Groups { get; }

    /// <summary>For each sequence, in the given order: the row of its prompt's last token (−1 for an empty prompt), and the rows of its completion.</summary>
    public int[][] Predictors { get; }
}
