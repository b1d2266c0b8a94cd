using System.Runtime.CompilerServices;

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
        await Task.Yield();
        yield break;
    }
}
