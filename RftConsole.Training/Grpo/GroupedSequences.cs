namespace RftConsole.Training.Grpo;

/// <summary>A run of packed rows.</summary>
/// <param name="First">The first row.</param>
/// <param name="Length">Rows.</param>
internal readonly record struct RowSpan(int First, int Length);

/// <summary>One prompt and the completions that share it.</summary>
/// <param name="Prompt">The prompt's rows.</param>
/// <param name="Completions">The rows of each completion; the last token of a completion predicts nothing, so it is no row.</param>
internal sealed record SequenceGroup(RowSpan Prompt, RowSpan[] Completions);

/// <summary>
/// Where the tokens of some rollouts stand when each prompt is computed once for its group: prompts and completions one after the other, without padding. Plain
/// arithmetic on indices.
/// </summary>
internal sealed class GroupedSequences
{
    /// <param name="rollouts">Rollouts; those that hold the same prompt array form a group.</param>
    public GroupedSequences(IReadOnlyList<TrainingRollout> rollouts)
    {
        var ids = new List<int>();
        var positions = new List<int>();
        var groups = new List<SequenceGroup>();
        int[][] predictors = new int[rollouts.Count][];
        foreach (var group in rollouts.Select((rollout, index) => (rollout, index)).GroupBy(x => x.rollout.Prompt, ReferenceEqualityComparer.Instance))
        {
            int[] prompt = group.First().rollout.Prompt;
            var promptRows = Add(prompt, 0);
            var completions = new List<RowSpan>();
            foreach (var (rollout, index) in group)
            {
                var rows = Add(rollout.Completion.AsSpan(0, rollout.Completion.Length - 1), prompt.Length);
                completions.Add(rows);
                predictors[index] = [promptRows.First + prompt.Length - 1, .. Enumerable.Range(rows.First, rows.Length)];
            }

            groups.Add(new(promptRows, [.. completions]));
        }

        Ids = [.. ids];
        Positions = [.. positions];
        Groups = [.. groups];
        Predictors = [.. predictors.SelectMany(x => x)];

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

    /// <summary>The packed rows that predict the completions' tokens, one rollout after the other in the given order.</summary>
    public int[] Predictors { get; }
}
