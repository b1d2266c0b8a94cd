using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

/// <summary>Writes small tokenizer files: the 256 bytes (ids 0 to 255) and one token for each merge.</summary>
internal sealed class SmallTokenizer
{
    public static readonly JsonObject ByteLevelWithoutWords = Node("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""");

    private readonly JsonObject _root = Node("""{"added_tokens":[],"normalizer":null,"decoder":{"type":"ByteLevel"},"post_processor":null,"model":{"type":"BPE"}}""");

    public SmallTokenizer(params string[] merges)
    {
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
        {
            vocabulary[ByteLevelAlphabet.ToChar((byte)value).ToString()] = value;
        }

        foreach (var merge in merges)
        {
            vocabulary.TryAdd(merge.Replace(" ", ""), vocabulary.Count);
        }

        Model["vocab"] = vocabulary;
        Model["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]);
        PreTokenizer(ByteLevelWithoutWords);
    }

    public JsonObject Model => _root["model"]!.AsObject();

    public static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();

    public SmallTokenizer PreTokenizer(params JsonObject[] stages)
    {
        _root["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray([.. stages.Select(stage => stage.DeepClone())]),
        };
        return this;
    }

    public SmallTokenizer With(string key, string json)
    {
        _root[key] = JsonNode.Parse(json);
        return this;
    }

    public SmallTokenizer WithModel(string key, string json)
    {
        Model[key] = JsonNode.Parse(json);
        return this;
    }

    public SmallTokenizer Added(int id, string content, string flags = "{}")
    {
        var token = Node(flags);
        token["id"] = id;
        token["content"] = content;
        token["normalized"] ??= false;
        _root["added_tokens"]!.AsArray().Add(token);
        return this;
    }

    public string Json() => _root.ToJsonString();

    public Tokenizer Build() => Tokenizer.Parse(Json(), "tokenizer.json");

    /// <summary>The text of each token, which shows where the words were cut.</summary>
    public string[] Pieces(string text)
    {
        var tokenizer = Build();
        return [.. tokenizer.Encode(text).Select(id => tokenizer.Decode([id]))];
    }
}
