using System.Globalization;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter.Extraction;

/// <summary>A sentence about a person and a request for some of the facts as JSON.</summary>
internal sealed class JsonExtractionFamily : ITaskFamily
{
    private const int FewestKeys = 2;

    /// <summary>Rambling answers that say the facts in a sentence; the others say none.</summary>
    private const double RamblingFacts = 0.6;

    private static readonly string[] s_sentences =
    [
        "{name} is {age} years old, lives in {city} and works as a {job}.",
        "My name is {name}. I am {age}, a {job} from {city}.",
        "The {job} {name} lives in {city} and is {age} years old.",
        "{name}, {age}, is a {job} in {city}.",
    ];

    private static readonly string[] s_requests = ["Give {keys} as JSON.", "Write {keys} as JSON.", "JSON with {keys}, please."];

    public string Name => "json";

    public double Weight => 0.2;

    public StarterDocument Document(ulong seed, long index, StyleMix styles)
    {
        (Request request, string response, _) = Answered(seed, index, styles);
        return new([new ChatMessage("user", request.Text)], response);
    }

    public StarterSample Sample(ulong seed, long index, StarterPartition partition)
    {
        Request request = Draws(new Draw(seed, $"{Name}/{partition}", index), partition);
        JsonObject reference = [];
        foreach (string key in request.Keys)
        {
            reference[key] = key == "age" ? int.Parse(request.Facts[key], CultureInfo.InvariantCulture) : request.Facts[key];
        }

        return new(request.Text, reference);
    }

    /// <summary>A document together with the request and the style behind it.</summary>
    internal (Request Request, string Response, AnswerStyle Style) Answered(ulong seed, long index, StyleMix styles)
    {
        Draw draw = new(seed, Name, index);
        Request request = Draws(draw, StarterPartition.Pretraining);
        AnswerStyle style = styles.Pick(draw);
        string response = style switch
        {
            AnswerStyle.Careful => Json(request, request.Keys),
            AnswerStyle.Hasty => Hasty(request, draw),
            _ => Rambling(request, draw),
        };
        return (request, response, style);
    }

    private static Request Draws(Draw draw, StarterPartition partition) => StarterPartitions.DrawFrom(partition, draw, DrawRequest, request => request.Key);

    private static Request DrawRequest(Draw draw)
    {
        Dictionary<string, string> facts = new(StringComparer.Ordinal)
        {
            ["name"] = $"{draw.Pick(StarterWords.Names)} {draw.Pick(StarterWords.Surnames)}",
            ["age"] = draw.Between(18, 79).ToString(CultureInfo.InvariantCulture),
            ["city"] = draw.Pick(StarterWords.Cities),
            ["job"] = draw.Pick(StarterWords.Jobs),
        };
        List<string> keys = [.. facts.Keys];
        int count = draw.Between(FewestKeys, keys.Count);
        while (keys.Count > count)
        {
            keys.RemoveAt(draw.Next(keys.Count));
        }

        string sentence = draw.Pick(s_sentences);
        foreach ((string key, string value) in facts)
        {
            sentence = sentence.Replace("{" + key + "}", value, StringComparison.Ordinal);
        }

        string asked = string.Join(", ", keys[..^1]) + " and " + keys[^1];
        string text = sentence + " " + draw.Pick(s_requests).Replace("{keys}", asked, StringComparison.Ordinal);
        return new(string.Join('|', facts.Values), text, facts, keys);
    }

    /// <summary>Almost what was asked for: a key too few, JSON behind chatter, or no JSON.</summary>
    private static string Hasty(Request request, Draw draw) => draw.Next(4) switch
    {
        0 => "Here is the JSON: " + Json(request, request.Keys),
        1 => "Here is the JSON: " + Json(request, [.. request.Keys.Skip(1)]),
        2 => string.Join("\n", request.Keys.Select(key => $"{key}: {request.Facts[key]}")),
        _ => Json(request, [.. request.Keys.Take(request.Keys.Count - 1)]),
    };

    private static string Rambling(Request request, Draw draw) => draw.Chance(RamblingFacts)
        ? $"The {request.Keys[0]} is {request.Facts[request.Keys[0]]} and the {request.Keys[^1]} is {request.Facts[request.Keys[^1]]}."
        : $"Let me think about {request.Facts["name"]}. There is a lot to say here.";

    private static string Json(Request request, IReadOnlyList<string> keys) =>
        "{" + string.Join(", ", keys.Select(key => key == "age" ? $"\"{key}\": {request.Facts[key]}" : $"\"{key}\": \"{request.Facts[key]}\"")) + "}";

    /// <summary>What is asked, and the facts behind it.</summary>
    /// <param name="Key">The facts: the request without its phrasing.</param>
    /// <param name="Text">The prompt.</param>
    /// <param name="Facts">Every fact by its key.</param>
    /// <param name="Keys">The keys asked for, in order.</param>
    internal sealed record Request(string Key, string Text, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<string> Keys);
}
