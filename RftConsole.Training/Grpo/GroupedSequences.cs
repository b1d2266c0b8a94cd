namespace RftConsole.Training.Grpo;

/// <summary>
/// Where the tokens of some rollouts stand when each prompt is computed once for its group: all prompts and completions one after the other, without padding, for
/// everything that goes token by token, and padded to rectangles for attention alone. Plain arithmetic on indices, no tensors.
/// </summary>
public sealed class GroupedSequences
{
    /// <param name="rollouts">Rollouts; those that hold the same prompt array form a group.</param>
    public GroupedSequences(IReadOnlyList<TrainingRollout> rollouts)
    {
        var groups = rollouts.Select((rollout, index) => (rollout, index)).GroupBy(x => x.rollout.Prompt, ReferenceEqualityComparer.Instance).Select(x => x.ToArray()).ToArray();
        GroupCount = groups.Length;
        PromptColumns = groups.Max(x => x[0].rollout.Prompt.Length);
        GroupSize = groups.Max(x => x.Length);

        // The last token of a completion predicts nothing, so it is no input.
        CompletionColumns = rollouts.Max(x => x.Completion.Length) - 1;
        var ids = new List<long>();
        var positions = new List<long>();
        var padded = new List<long>();
        PromptPlaces = new long[GroupCount * PromptColumns];
        CompletionPlaces = new long[GroupCount * GroupSize * CompletionColumns];
        PromptLengths = [.. groups.Select(x => x[0].rollout.Prompt.Length)];
        long[][] predictors = new long[rollouts.Count][];
        for (int g = 0; g < groups.Length; g++)
        {
            int[] prompt = groups[g][0].rollout.Prompt;
            Add(prompt, 0, PromptPlaces, g * PromptColumns, 0);
            long lastOfPrompt = ids.Count - 1;
            for (int s = 0; s < groups[g].Length; s++)
            {
                var (rollout, index) = groups[g][s];
                long first = ids.Count;
                Add(rollout.Completion.AsSpan(0, rollout.Completion.Length - 1), prompt.Length, CompletionPlaces, ((g * GroupSize) + s) * CompletionColumns, PromptPlaces.Length);
                predictors[index] = [lastOfPrompt, .. Enumerable.Range(0, rollout.Completion.Length - 1).Select(i => first + i)];
            }
        }

        Ids = [.. ids];
        Positions = [.. positions];
        PaddedPlaces = [.. padded];
        Predictors = [.. predictors.SelectMany(x => x)];

        void Add(ReadOnlySpan<int> tokens, int firstPosition, long[] places, int row, int paddedOffset)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                places[row + i] = ids.Count;
                padded.Add(paddedOffset + row + i);
                ids.Add(tokens[i]);
                positions.Add(firstPosition + i);
            }
        }
    }

    /// <summary>Prompts.</summary>
    public int GroupCount { get; }

    /// <summary>Completions of the largest group.</summary>
    public int GroupSize { get; }

    /// <summary>Tokens of the longest prompt.</summary>
    public int PromptColumns { get; }

    /// <summary>Input tokens of the longest completion: one less than its length, so possibly 0.</summary>
    public int CompletionColumns { get; }

    /// <summary>Tokens of each prompt.</summary>
    public IReadOnlyList<int> PromptLengths { get; }

    /// <summary>Token ids, packed.</summary>
    public long[] Ids { get; }

    /// <summary>Position of each packed token in its own sequence.</summary>
    public long[] Positions { get; }

    /// <summary>The packed place of each padded prompt token, <c>[groups × prompt columns]</c>; padding points at place 0.</summary>
    public long[] PromptPlaces { get; }

    /// <summary>The packed place of each padded completion token, <c>[groups × group size × completion columns]</c>; padding points at place 0.</summary>
    public long[] CompletionPlaces { get; }

    /// <summary>The place of each packed token in the padded prompts followed by the padded completions.</summary>
    public long[] PaddedPlaces { get; }

    /// <summary>The packed places that predict the completions' tokens, one rollout after the other in the given order.</summary>
    public long[] Predictors { get; }
}
