using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

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
public sealed record ChatRequest(string BaseModel, string? AdapterFolder, IReadOnlyList<ChatMessage> Messages, int MaxTokens, double Temperature, double TopP, long Seed)
{
    /// <summary>Answers to give; the first one is that of a request for one.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Texts that end an answer; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>How many of the likeliest tokens to tell at each place; null tells no log-probabilities.</summary>
    public int? LikeliestTokens { get; init; }

    /// <summary>OpenAI function tools for the chat template, or null.</summary>
    public JsonArray? Tools { get; init; }
}

/// <summary>A token of an answer with log-probabilities of the model's own distribution (temperature 1).</summary>
/// <param name="Text">As the tokenizer writes it; a part of a character is U+FFFD.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="LogProbability">Natural logarithm.</param>
/// <param name="Likeliest">The likeliest tokens there; empty for the inner ones themselves.</param>
public sealed record ScoredToken(string Text, byte[] Bytes, float LogProbability, IReadOnlyList<ScoredToken> Likeliest)
{
    /// <summary>It is no part of the answer's text, such as the token that ends it.</summary>
    public bool IsSpecial { get; init; }
}

/// <summary>A piece of a streamed answer. Only an answer's last one has a <paramref name="FinishReason"/> (<c>stop</c> or <c>length</c>).</summary>
/// <param name="Text">New text; may be empty.</param>
/// <param name="TokenCount">Tokens of this answer so far.</param>
/// <param name="Elapsed">Time since the first token was asked for.</param>
/// <param name="FinishReason">Null until the end.</param>
public sealed record ChatPiece(string Text, int TokenCount, TimeSpan Elapsed, string? FinishReason)
{
    /// <summary>Which answer it belongs to, from 0.</summary>
    public int Choice { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; init; }

    /// <summary>The piece's tokens, where log-probabilities were asked for.</summary>
    public IReadOnlyList<ScoredToken> Tokens { get; init; } = [];
}

/// <summary>The conversation does not fit the model's context.</summary>
public sealed class ContextLengthException(int tokens, int contextLength) : UserInputException($"the conversation has {tokens} tokens; the model's context is {contextLength}")
{
    public int Tokens { get; } = tokens;

    public int ContextLength { get; } = contextLength;
}

/// <summary>
/// Streams answers of base and tuned models, ahead of training. Requests for one base model are decoded together, whatever their adapters are; an answer does not
/// depend on the others.
/// </summary>
public sealed class ChatGenerator(ModelHost models)
{
    /// <summary>Weak, so that a model that was unloaded goes with its lane.</summary>
    private readonly ConditionalWeakTable<LoadedModel, ServingLane> _lanes = [];

    public ModelHost Models { get; } = models;

    /// <summary>The answer in pieces as they come; with several choices, their pieces in turn. A caller that leaves ends its generation.</summary>
    /// <exception cref="UserInputException">The model, the adapter or the conversation cannot be used.</exception>
    public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!(request.Temperature is >= 0 and <= 5) || !(request.TopP is > 0 and <= 1) || request.MaxTokens < 1)
        {
            throw new UserInputException($"temperature {request.Temperature} must lie in 0 to 5, top-p {request.TopP} in 0 to 1, maximum tokens {request.MaxTokens} be at least 1");
        }

        var model = await Models.LoadAsync(request.BaseModel);
        var adapter = request.AdapterFolder is null ? null : await Models.LoadAdapterAsync(model, request.AdapterFolder);
        int[] prompt = model.EncodePrompt(request.Messages, adapter?.ReasoningEffort ?? default, request.Tools);
        if (prompt.Length >= model.Decoder.Config.ContextLength)
        {
            throw new ContextLengthException(prompt.Length, model.Decoder.Config.ContextLength);
        }

        var group = new SequenceGroup(
            prompt,
            request.Choices,
            new(request.Temperature, request.TopP, request.MaxTokens),
            (choice, token) => CounterRandom.Uniform((ulong)request.Seed, RandomStream.Chat, (ulong)token, (ulong)choice),
            model.Decoder.Config)
        {
            LikeliestTokens = request.LikeliestTokens,
            Adapter = adapter is null ? null : await Models.FactorsAsync(model, request.AdapterFolder!, adapter),
        };
        long start = Stopwatch.GetTimestamp();
        ChatText[] texts = [.. group.Sequences.Select(_ => new ChatText(model.Tokenizer, request.Stop))];
        var runs = _lanes.GetValue(model, found => new(found, Models.Compute)).Submit(group);
        try
        {
            await foreach (var run in runs.ReadAllAsync(cancellationToken))
            {
                var text = texts[run.Choice];
                if (text.Ended)
                {
                    continue;
                }

                string piece = text.Append(run);
                if (text.Ended)
                {
                    group.Sequences[run.Choice].Stop();
                }

                yield return new(piece, text.TokenCount, Stopwatch.GetElapsedTime(start), text.FinishReason)
                {
                    Choice = run.Choice,
                    PromptTokens = prompt.Length,
                    Tokens = [.. run.Alternatives.Select((x, i) => Scored(model.Tokenizer, run.Tokens[i], x.LogProbability, [.. x.Likeliest.Select(y => Scored(model.Tokenizer, y.Id, y.LogProbability, []))]))],
                };
                if (Array.TrueForAll(texts, x => x.Ended))
                {
                    yield break;
                }
            }
        }
        finally
        {
            group.Stop();
        }
    }

    private static ScoredToken Scored(Tokenizer tokenizer, int id, float logProbability, IReadOnlyList<ScoredToken> likeliest)
    {
        byte[] bytes = tokenizer.BytesOf(id).ToArray();
        return new(System.Text.Encoding.UTF8.GetString(bytes), bytes, logProbability, likeliest) { IsSpecial = tokenizer.IsSpecial(id) };
    }
}
