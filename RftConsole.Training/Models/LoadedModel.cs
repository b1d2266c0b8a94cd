using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Models;

/// <summary>A base model that is ready to use: weights, tokenizer, chat template, end tokens.</summary>
/// <param name="Path">Its Hugging Face folder or GGUF file.</param>
/// <param name="Decoder">The weights.</param>
/// <param name="Tokenizer">Text to token ids and back.</param>
/// <param name="ChatTemplate">Conversations to text.</param>
/// <param name="EndTokens">Ids that end a completion.</param>
/// <param name="ContentHash">SHA-256 of the model's files: a part of a job's identity.</param>
public sealed record LoadedModel(string Path, Decoder Decoder, Tokenizer Tokenizer, ChatTemplate ChatTemplate, IReadOnlySet<int> EndTokens, string ContentHash)
{
    /// <summary>The prompt of a conversation in token ids, up to where the assistant begins to answer.</summary>
    /// <param name="messages">The turns, in order.</param>
    /// <param name="effort">What the chat template is told of thinking: <see cref="LoraAdapter.ReasoningEffort"/> with an adapter.</param>
    /// <param name="tools">OpenAI function tools for the chat template, or null.</param>
    public int[] EncodePrompt(IReadOnlyList<ChatMessage> messages, ReasoningEffort effort = default, JsonArray? tools = null) =>
        Tokenizer.Encode(ChatTemplate.Render(messages, addGenerationPrompt: true, tools, effort.TemplateVariables()));

    /// <summary>The text of a completion, without its end token.</summary>
    public string DecodeCompletion(IReadOnlyList<int> tokens) =>
        Tokenizer.Decode(tokens.Count > 0 && EndTokens.Contains(tokens[^1]) ? [.. tokens.SkipLast(1)] : tokens);
}
