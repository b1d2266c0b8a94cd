using RftConsole.Training.Compute;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Training.Rewards.Lab;

/// <summary>Lets a model answer prompts as the first step of a job would.</summary>
public sealed class ResponseSampling(ModelHost models)
{
    /// <summary>Continuations that are decoded together: few enough that progress moves and a cancel is heard.</summary>
    private const int RowsTogether = 32;

    /// <summary>Answers each record <paramref name="groupSize"/> times; prompts that are too long are left out.</summary>
    /// <param name="baseModel">A registered name or a path.</param>
    /// <param name="records">The prompts.</param>
    /// <param name="groupSize">Responses to each.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="seed">The same seed gives the same responses.</param>
    /// <param name="progress">Told how many responses there are.</param>
    /// <param name="cancellationToken">Ends it between tokens.</param>
    /// <exception cref="UserInputException">The model cannot be used, or no prompt fits it.</exception>
    public async Task<IReadOnlyList<ResponseGroup>> AnswerAsync(
        string baseModel, IReadOnlyList<TrainingRecord> records, int groupSize, SamplingOptions options, long seed, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        LoadedModel model = await models.LoadAsync(baseModel);
        int room = Math.Min(options.MaxTokens, model.Decoder.Config.ContextLength / 2);
        PreparedPrompts prepared = PromptEncoder.Encode(records, model.Tokenizer, model.ChatTemplate, model.Decoder.Config.ContextLength - room, cancellation: cancellationToken);
        if (prepared.Prompts.Count == 0)
        {
            throw new UserInputException($"None of the {records.Count} prompts can be given to {baseModel}: {(prepared.Dropped.Count > 0 ? prepared.Dropped[0].Reason : "there are none")}.");
        }

        BatchGenerator generator = new(models.Compute);
        List<ResponseGroup> groups = [];
        foreach (EncodedPrompt[] chunk in prepared.Prompts.Chunk(Math.Max(1, RowsTogether / groupSize)))
        {
            int first = groups.Count;
            IReadOnlyList<Completion[]> completions = await generator.GenerateAsync(
                model,
                null,
                [.. chunk.Select(prompt => prompt.Ids)],
                groupSize,
                options,
                (prompt, sample, token) => CounterRandom.Uniform((ulong)seed, RandomStream.DryRun, (ulong)(first + prompt), (ulong)sample, (ulong)token),
                WorkPriority.Interactive,
                cancellationToken);
            groups.AddRange(chunk.Select((prompt, index) => new ResponseGroup(prompt.Record, [.. completions[index].Select(completion => new Response(model.DecodeCompletion(completion.Tokens), !completion.Ended))])));
            progress?.Report(groups.Count * groupSize);
        }

        return groups;
    }
}
