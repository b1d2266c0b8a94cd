using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RftConsole.Training.Text;

/// <summary>What a <c>tokenizer.json</c> says, checked and ready for use by <see cref="Tokenizer"/>.</summary>
/// <remarks>Format: the Hugging Face tokenizers library, as versions 0.13 to 0.23 write it.</remarks>
internal sealed class TokenizerFile
{
    /// <summary>No published vocabulary comes near; a damaged id must not make us allocate gigabytes.</summary>
    private const int IdLimit = 10_000_000;

    private readonly List<NormalizationForm> _normalizations = [];

    public Dictionary<string, int> Vocabulary { get; } = new(StringComparer.Ordinal);

    public List<BytePair> Merges { get; } = [];

    public bool IgnoreMerges { get; private init; }

    public int? UnknownId { get; private set; }

    public bool FuseUnknown { get; private init; }

    public List<AddedToken> AddedTokens { get; } = [];

    public List<SplitStage> SplitStages { get; } = [];

    public bool AddPrefixSpace { get; private set; }

    /// <summary>The byte-level stage's own word pattern; null where it leaves the splitting to other stages.</summary>
    public UnicodeRegex? ByteLevelPattern { get; private set; }

    public List<int> PrefixIds { get; } = [];

    public List<int> SuffixIds { get; } = [];

    /// <exception cref="UserInputException">Names the file and the element that is damaged or not supported.</exception>
    public static TokenizerFile Parse(ReadOnlyMemory<byte> json, string name)
    {
        if (json.Span.StartsWith("\uFEFF"u8))
        {
            json = json["\uFEFF"u8.Length..];
        }

        if (!Utf8.IsValid(json.Span))
        {
            throw new UserInputException($"{name}: the content is not UTF-8; copy the file again from where the model came from.");
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(new JsonPlace(document.RootElement, name, ""));
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{name}: the content is not JSON ({e.Message}); copy the file again from where the model came from.", e);
        }
    }

    /// <summary>The text in the Unicode form that the file asks for.</summary>
    public string Normalize(string text)
    {
        foreach (var form in _normalizations)
        {
            text = text.Normalize(form);
        }

        return text;
    }

    private static TokenizerFile Read(JsonPlace root)
    {
        var model = root["model"];
        ExpectPlainBytePairEncoding(model);
        var file = new TokenizerFile { IgnoreMerges = model["ignore_merges"].Switch(false), FuseUnknown = model["fuse_unk"].Switch(false) };
        file.ReadVocabulary(model["vocab"]);
        file.ReadMerges(model["merges"]);
        file.ReadUnknown(model["unk_token"]);
        file.ReadAddedTokens(root["added_tokens"]);
        file.ReadNormalizer(root["normalizer"]);
        if (!file.ReadPreTokenizer(root["pre_tokenizer"], alreadyByteLevel: false))
        {
            throw root["pre_tokenizer"].Error("has no ByteLevel stage: only byte-level tokenizers are supported");
        }

        ExpectByteLevelDecoder(root["decoder"]);
        PostProcessor.Read(root["post_processor"], file.PrefixIds, file.SuffixIds);
        return file;
    }

    private static void ExpectPlainBytePairEncoding(JsonPlace model)
    {
        // Files written before the field existed hold BPE when they hold merges.
        var type = model["type"].TextOrNull() ?? (model["merges"].IsNull ? "unknown" : "BPE");
        if (type != "BPE")
        {
            throw model["type"].Error($"is \"{type}\": only byte-level \"BPE\" tokenizers are supported");
        }

        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model[key].TextOrNull() is { Length: > 0 })
            {
                throw model[key].Error("is set, which no byte-level tokenizer does; such a vocabulary is not supported");
            }
        }

        var dropout = model["dropout"];
        if (!dropout.IsNull && !(dropout.Value.ValueKind == JsonValueKind.Number && dropout.Value.GetDouble() == 0))
        {
            throw dropout.Error("must be null: with dropout the same text would give other tokens each time");
        }
    }

    private void ReadVocabulary(JsonPlace vocabulary)
    {
        foreach (var (token, place) in vocabulary.Members())
        {
            Vocabulary[token] = CheckedId(place);
        }

        if (Vocabulary.Count == 0)
        {
            throw vocabulary.Error("is empty");
        }
    }

    private void ReadMerges(JsonPlace merges)
    {
        foreach (var merge in merges.Items())
        {
            var (left, right) = merge.Value.ValueKind == JsonValueKind.Array ? Pair(merge) : SpacedPair(merge);
            Merges.Add(new BytePair(TokenId(merge, left), TokenId(merge, right), TokenId(merge, left + right)));
        }
    }

    private static (string Left, string Right) Pair(JsonPlace merge)
    {
        var halves = merge.Items().Select(half => half.Text()).ToArray();
        return halves.Length == 2 ? (halves[0], halves[1]) : throw merge.Error("must be a pair of tokens");
    }

    private static (string Left, string Right) SpacedPair(JsonPlace merge)
    {
        var halves = merge.Text().Split(' ');
        return halves.Length == 2 ? (halves[0], halves[1]) : throw merge.Error("must be two tokens with one space between them");
    }

    private int TokenId(JsonPlace place, string token) =>
        Vocabulary.TryGetValue(token, out var id) ? id : throw place.Error($"needs the token \"{token}\", which model.vocab lacks");

    private void ReadUnknown(JsonPlace token)
    {
        if (token.TextOrNull() is { } unknown)
        {
            UnknownId = TokenId(token, unknown);
        }
    }

    private void ReadAddedTokens(JsonPlace tokens)
    {
        if (tokens.IsNull)
        {
            return;
        }

        foreach (var token in tokens.Items())
        {
            var special = token["special"].Switch(false);
            AddedTokens.Add(new AddedToken(
                CheckedId(token["id"]),
                token["content"].Text(),
                token["single_word"].Switch(false),
                token["lstrip"].Switch(false),
                token["rstrip"].Switch(false),
                token["normalized"].Switch(!special),
                special));
        }
    }

    /// <summary>A token id of the file.</summary>
    internal static int CheckedId(JsonPlace place) =>
        place.WholeNumber() is >= 0 and < IdLimit and var id ? id : throw place.Error($"must be an id from 0 to {IdLimit - 1}");

    private void ReadNormalizer(JsonPlace normalizer)
    {
        if (normalizer.IsNull)
        {
            return;
        }

        var type = normalizer["type"].Text();
        switch (type)
        {
            case "NFC": _normalizations.Add(NormalizationForm.FormC); break;
            case "NFD": _normalizations.Add(NormalizationForm.FormD); break;
            case "NFKC": _normalizations.Add(NormalizationForm.FormKC); break;
            case "NFKD": _normalizations.Add(NormalizationForm.FormKD); break;
            case "Sequence":
                foreach (var stage in normalizer["normalizers"].Items())
                {
                    ReadNormalizer(stage);
                }

                break;
            default:
                throw normalizer["type"].Error($"is \"{type}\": supported are NFC, NFD, NFKC, NFKD and Sequence");
        }
    }

    /// <returns>Whether a byte-level stage was among the stages so far.</returns>
    private bool ReadPreTokenizer(JsonPlace stage, bool alreadyByteLevel)
    {
        if (stage.IsNull)
        {
            return alreadyByteLevel;
        }

        if (alreadyByteLevel)
        {
            throw stage.Error("follows the ByteLevel stage, which must be the last");
        }

        var type = stage["type"].Text();
        switch (type)
        {
            case "Sequence":
                return stage["pretokenizers"].Items().Aggregate(alreadyByteLevel, (byteLevel, inner) => ReadPreTokenizer(inner, byteLevel));
            case "Digits":
                SplitStages.Add(SplitStage.Digits(stage["individual_digits"].Switch(false)));
                return false;
            case "Split":
                SplitStages.Add(new SplitStage(SplitPattern.Read(stage["pattern"]), SplitPattern.ReadBehavior(stage["behavior"]), stage["invert"].Switch(false)));
                return false;
            case "ByteLevel":
                AddPrefixSpace = stage["add_prefix_space"].Switch(true);
                ByteLevelPattern = stage["use_regex"].Switch(true) ? SplitPattern.ByteLevelWords : null;
                return true;
            default:
                throw stage["type"].Error($"is \"{type}\": supported are ByteLevel, Digits, Split and Sequence");
        }
    }

    private static void ExpectByteLevelDecoder(JsonPlace decoder)
    {
        if (!decoder.IsNull && decoder["type"].Text() is var type and not "ByteLevel")
        {
            throw decoder["type"].Error($"is \"{type}\": a byte-level tokenizer needs \"ByteLevel\"");
        }
    }
}
