using System.Text.Json;

using RftConsole.Training.Text;

namespace RftConsole.Training.Models;

/// <summary>A base model that is ready to use: weights, tokenizer, chat template, end tokens.</summary>
/// <param name="Folder">Its Hugging Face folder.</param>
/// <param name="Decoder">The weights.</param>
/// <param name="Tokenizer">Text to token ids and back.</param>
/// <param name="ChatTemplate">Conversations to text.</param>
/// <param name="EndTokens">Ids that end a completion.</param>
/// <param name="ContentHash">SHA-256 of the model's files: a part of a job's identity.</param>
public sealed record LoadedModel(string Folder, Decoder Decoder, Tokenizer Tokenizer, ChatTemplate ChatTemplate, IReadOnlySet<int> EndTokens, string ContentHash)
{
    /// <summary>The prompt of a conversation in token ids, up to where the assistant begins to answer.</summary>
    public int[] EncodePrompt(IReadOnlyList<ChatMessage> messages) => Tokenizer.Encode(ChatTemplate.Render(messages, addGenerationPrompt: true));

    /// <summary>The text of a completion, without its end token.</summary>
    public string DecodeCompletion(IReadOnlyList<int> tokens) =>
        Tokenizer.Decode(tokens.Count > 0 && EndTokens.Contains(tokens[^1]) ? [.. tokens.SkipLast(1)] : tokens);

    /// <summary>Reads <c>eos_token_id</c> (a number or a list) from <c>generation_config.json</c>, else from <c>config.json</c>.</summary>
    /// <exception cref="UserInputException">A file is not JSON, or the field is of another type.</exception>
    public static IReadOnlySet<int> ReadEndTokens(string folder)
    {
        foreach (string name in (string[])["generation_config.json", "config.json"])
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                if (document.RootElement.TryGetProperty("eos_token_id", out var element) && element.ValueKind != JsonValueKind.Null)
                {
                    return element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(x => x.GetInt32()).ToHashSet() : new HashSet<int> { element.GetInt32() };
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new UserInputException($"{path}: eos_token_id is not a number or a list of numbers", e);
            }
        }

        return new HashSet<int>();
    }
}
