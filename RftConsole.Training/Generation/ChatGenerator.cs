using System.Diagnostics;
using System.Runtime.CompilerServices;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Training.Generation;

/// <summary>One conversation to continue.</summary>
/// <param name="BaseModel">A registered name or a model folder.</param>
/// <param name="AdapterFolder">A PEFT adapter, or null for the base model.</param>
/// <param name="Messages">The conversation so far.</param>
/// <param name="MaxTokens">Most tokens to generate.</param>
/// <param name="Temperature">0 is greedy.</param>
/// <param name="TopP">1 keeps the whole distribution.</param>
/// <param name="Seed">The same seed gives the same text.</param>
public sealed record ChatRequest(string BaseModel, string? AdapterFolder, IReadOnlyList<ChatMessage> Messages, int MaxTokens, double Temperature, double TopP, long Seed);

/// <summary>A piece of a streamed answer. Only the last one has a <paramref name="FinishReason"/> (<c>stop</c> or <c>length</c>).</summary>
/// <param name="Text">New text; may be empty.</param>
/// <param name="TokenCount">Tokens generated so far.</param>
/// <param name="Elapsed">Time since the first token was asked for.</param>
/// <param name="FinishReason">Null until the end.</param>
public sealed record ChatPiece(string Text, int TokenCount, TimeSpan Elapsed, string? FinishReason);

/// <summary>Streams answers of base and tuned models, ahead of training.</summary>
public sealed class ChatGenerator(ModelHost models)
{
    public ModelHost Models { get; } = models;

    /// <exception cref="UserInputException">The model, the adapter or the conversation cannot be used.</exception>
    public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!(request.Temperature is >= 0 and <= 5) || !(request.TopP is > 0 and <= 1) || request.MaxTokens < 1)
        {
            throw new UserInputException($"temperature {request.Temperature} must lie in 0 to 5, top-p {request.TopP} in 0 to 1, maximum tokens {request.MaxTokens} be at least 1");
        }

        var model = await Models.LoadAsync(request.BaseModel);
        var adapter = request.AdapterFolder is null ? null : await Models.LoadAdapterAsync(model, request.AdapterFolder);
        int[] prompt = model.EncodePrompt(request.Messages, adapter?.ReasoningEffort ?? default);
        if (prompt.Length >= model.Decoder.Config.ContextLength)
        {
            throw new UserInputException($"the conversation has {prompt.Length} tokens; the model's context is {model.Decoder.Config.ContextLength}");
        }

        long start = Stopwatch.GetTimestamp();
        var batch = await Models.Compute.RunAsync(
            WorkPriority.Interactive,
            () => new DecodingBatch(
                model,
                adapter,
                [prompt],
                1,
                new(request.Temperature, request.TopP, request.MaxTokens),
                (_, _, token) => CounterRandom.Uniform((ulong)request.Seed, RandomStream.Chat, (ulong)token)),
            cancellationToken);
        try
        {
            var text = model.Tokenizer.CreateDecoder(skipSpecialTokens: true);
            int known = 0;
            while (known == 0 || !batch.Finished)
            {
                await Models.Compute.RunAsync(WorkPriority.Interactive, batch.Advance, cancellationToken);
                var tokens = batch.TokensOf(0, 0);
                if (tokens.Count == known)
                {
                    // A part of a long prompt.
                    continue;
                }

                known = tokens.Count;
                string piece = text.Append(tokens[^1]);
                yield return batch.Finished
                    ? new(piece + text.Flush(), known, Stopwatch.GetElapsedTime(start), batch.Completions()[0][0].FinishReason)
                    : new(piece, known, Stopwatch.GetElapsedTime(start), null);
            }
        }
        finally
        {
            await Models.Compute.RunAsync(WorkPriority.Interactive, batch.Dispose, CancellationToken.None);
        }
    }
}
