using System.Globalization;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Contacts;

/// <summary>A sentence with somebody's details and a schema: the details are wanted as JSON of that schema.</summary>
internal sealed class ContactFamily : TaskFamily<ContactRequest>
{
    /// <summary>
    /// Requests without a number among their fields. The hasty style writes every value as a text, so that it is right for these and for no others: this share is about
    /// what the base model gets right.
    /// </summary>
    private const double TextsOnlyShare = 0.36;

    /// <summary>Hasty answers that are JSON with nothing but texts; the others leave a field out or talk before the JSON.</summary>
    private const double HastyTexts = 0.85;

    private static readonly string[] s_sentences =
    [
        "{name} is {age} years old, lives in {city} and works as a {job}. Phone {phone}.",
        "My name is {name}. I am {age}, a {job} from {city}. Call me on {phone}.",
        "The {job} {name} lives in {city}, is {age} years old and has the number {phone}.",
        "{name}, {age}, {job}, {city}, phone {phone}.",
        "Please note: {name} from {city}, {job}, age {age}, phone {phone}.",
    ];

    private static readonly string[] s_requests = ["Give JSON of this schema: {schema}", "Write it as JSON with {schema}", "Schema: {schema} Answer in JSON.", "I need JSON: {schema}"];

    private static readonly string[] s_rambling = ["Let me think about {name}. There is a lot to say here.", "Well, this is about {name} and {city}. I would ask {name}.", "{name} is a {job}. I like {city}."];

    public override string Name => "contacts";

    public override double Weight => 0.10;

    /// <summary>Right where the response is one JSON object with exactly the fields of the schema, each with its value and its type.</summary>
    public override bool IsRight(JsonObject facts, string response)
    {
        JsonObject wanted = facts["json"]!.AsObject();
        try
        {
            return JsonNode.Parse(response) is JsonObject given && given.Count == wanted.Count && wanted.All(field => JsonNode.DeepEquals(field.Value, given[field.Key]));
        }
        catch (Exception fault) when (fault is System.Text.Json.JsonException or ArgumentException)
        {
            return false;
        }
    }

    internal override JsonObject Facts(ContactRequest request) => new()
    {
        ["json"] = new JsonObject(request.Fields.Select(field => KeyValuePair.Create(field, (JsonNode?)(ContactRequest.IsNumber(field)
            ? JsonValue.Create(int.Parse(request.Facts[field], CultureInfo.InvariantCulture))
            : JsonValue.Create(request.Facts[field]))))),
    };

    protected override ContactRequest Problem(Draw draw)
    {
        Dictionary<string, string> facts = new(StringComparer.Ordinal)
        {
            ["name"] = draw.Pick(StarterWords.Names) + " " + draw.Pick(StarterWords.Surnames),
            ["age"] = draw.Between(18, 79).ToString(CultureInfo.InvariantCulture),
            ["city"] = draw.Pick(StarterWords.Cities),
            ["job"] = draw.Pick(StarterWords.Jobs),
            ["phone"] = draw.Between(200, 999).ToString(CultureInfo.InvariantCulture),
        };
        List<string> fields = draw.Shuffled<string>(["name", "city", "job"])[..draw.Between(1, 3)];
        if (!draw.Chance(TextsOnlyShare))
        {
            fields.Add(draw.Chance(0.5) ? "age" : "phone");
            if (draw.Chance(0.4))
            {
                fields.Add(fields[^1] == "age" ? "phone" : "age");
            }
        }
        else if (fields.Count == 1)
        {
            fields.Add(draw.PickOther<string>(["name", "city", "job"], fields[0]));
        }

        fields = draw.Shuffled(fields);
        string sentence = draw.Pick(s_sentences);
        string schema = string.Join(", ", fields.Select(field => $"{field} {(ContactRequest.IsNumber(field) ? "number" : "text")}")) + ".";
        string request = draw.Pick(s_requests).Replace("{schema}", schema, StringComparison.Ordinal);
        return new(Fill(sentence, facts) + " " + request, facts, fields);
    }

    protected override string Key(ContactRequest request) => string.Join('|', request.Facts.Values);

    protected override string Prompt(ContactRequest request) => request.Text;

    protected override JsonObject Constraints(ContactRequest request) => new()
    {
        ["json_schema"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(request.Fields.Select(field => KeyValuePair.Create(field, (JsonNode?)(ContactRequest.IsNumber(field)
                ? new JsonObject { ["type"] = "integer" }
                : new JsonObject { ["type"] = "string", ["minLength"] = 2 })))),
            ["required"] = new JsonArray([.. request.Fields.Select(field => (JsonNode)field)]),
            ["additionalProperties"] = false,
        },
    };

    protected override string Write(ContactRequest request, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => Json(request, request.Fields, asTexts: false),
        AnswerStyle.Hasty => Hasty(request, draw),
        _ => Fill(draw.Pick(s_rambling), request.Facts),
    };

    private static string Hasty(ContactRequest request, Draw draw) => draw.Chance(HastyTexts)
        ? Json(request, request.Fields, asTexts: true)
        : draw.Next(3) switch
        {
            0 => "Here is the JSON: " + Json(request, request.Fields, asTexts: false),
            1 => Json(request, [.. request.Fields.Take(request.Fields.Count - 1)], asTexts: true),
            _ => string.Join("\n", request.Fields.Select(field => $"{field}: {request.Facts[field]}")),
        };

    private static string Json(ContactRequest request, IReadOnlyList<string> fields, bool asTexts) =>
        "{" + string.Join(", ", fields.Select(field => ContactRequest.IsNumber(field) && !asTexts ? $"\"{field}\": {request.Facts[field]}" : $"\"{field}\": \"{request.Facts[field]}\"")) + "}";

    private static string Fill(string template, IReadOnlyDictionary<string, string> facts) =>
        facts.Aggregate(template, (text, fact) => text.Replace("{" + fact.Key + "}", fact.Value, StringComparison.Ordinal));
}
