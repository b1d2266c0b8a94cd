using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter;

/// <summary>Makes the starter model's tokenizer and chat format and writes them as Hugging Face files.</summary>
public static class StarterTokenizer
{
    /// <summary>Tokens of the vocabulary, special ones included, unless the corpus has too few words for them.</summary>
    public const int DefaultVocabularySize = 1536;

    /// <summary>Padding, and the end of a text.</summary>
    public const int EndOfTextId = 0;

    /// <summary>Begins a turn.</summary>
    public const int TurnStartId = 1;

    /// <summary>Ends a turn: the model's end-of-sequence token.</summary>
    public const int TurnEndId = 2;

    /// <summary>Documents that the vocabulary is learnt from.</summary>
    private const int Documents = 20_000;

    private const string ChatTemplate = """
        {% for message in messages %}{{ '<|im_start|>' + message['role'] + '
        ' + message['content'] + '<|im_end|>
        ' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
        ' }}{% endif %}
        """;

    private static readonly string[] s_specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Learns a vocabulary from the corpus.</summary>
    public static BpeVocabulary Train(StarterCorpus corpus, int vocabularySize = DefaultVocabularySize) =>
        BpeTrainer.Train(Enumerable.Range(0, Documents).SelectMany(index => Turns(corpus.At(index))), s_specialTokens, vocabularySize);

    /// <summary>
    /// Writes <c>tokenizer.json</c>, <c>tokenizer_config.json</c>, <c>chat_template.jinja</c> (ChatML) and <c>generation_config.json</c> into <paramref name="modelFolder"/>, which is made where it is missing.
    /// </summary>
    public static void Write(BpeVocabulary vocabulary, string modelFolder, int contextLength)
    {
        Directory.CreateDirectory(modelFolder);
        WriteJson("tokenizer.json", TokenizerJson(vocabulary));
        WriteJson("tokenizer_config.json", new JsonObject
        {
            ["bos_token"] = null,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = s_specialTokens[TurnEndId],
            ["model_max_length"] = contextLength,
            ["pad_token"] = s_specialTokens[EndOfTextId],
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        });
        WriteJson("generation_config.json", new JsonObject { ["eos_token_id"] = TurnEndId, ["pad_token_id"] = EndOfTextId });
        File.WriteAllText(Path.Combine(modelFolder, "chat_template.jinja"), ChatTemplate);

        void WriteJson(string file, JsonObject content) => File.WriteAllText(Path.Combine(modelFolder, file), content.ToJsonString(s_json) + "\n");
    }

    /// <summary>The text between special tokens, as the chat template writes it.</summary>
    private static IEnumerable<string> Turns(StarterDocument document) =>
        [.. document.Prompt.Select(message => $"{message.Role}\n{message.Content}"), $"assistant\n{document.Response}"];

    private static JsonObject TokenizerJson(BpeVocabulary vocabulary) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. s_specialTokens.Select((content, id) => new JsonObject
        {
            ["id"] = id,
            ["content"] = content,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        })]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, ByteLevel(addPrefixSpace: false)),
        },
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(addPrefixSpace: true),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. vocabulary.Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]),
        },
    };

    private static JsonObject ByteLevel(bool addPrefixSpace) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };
}
