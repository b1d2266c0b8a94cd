using System.Text.Json.Nodes;

using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>The template <c>format-constraints</c> as a job runs it: in the sandbox.</summary>
public sealed class FormatConstraintsTests
{
    /// <summary>A response, its constraints and whether it fulfils them.</summary>
    private static readonly (string Response, string Constraints, bool Fulfilled)[] s_single =
    [
        ("{\"a\": 1}", """{"json": true}""", true),
        ("```json\n{\"a\": 1}\n```", """{"json": true}""", true),
        ("Here it is: {\"a\": 1}", """{"json": true}""", false),
        ("{\"a\": NaN}", """{"json": true}""", false),
        ("{'a': 1}", """{"json": true}""", false),
        ("7", """{"json_schema": {"type": "integer"}}""", true),
        ("7.0", """{"json_schema": {"type": "integer"}}""", true),
        ("7.5", """{"json_schema": {"type": "integer"}}""", false),
        ("true", """{"json_schema": {"type": "integer"}}""", false),
        ("null", """{"json_schema": {"type": ["string", "null"]}}""", true),
        ("\"b\"", """{"json_schema": {"enum": ["a", "b"]}}""", true),
        ("1", """{"json_schema": {"enum": [true]}}""", false),
        ("1.0", """{"json_schema": {"const": 1}}""", true),
        ("{\"a\": 1, \"b\": 2}", """{"json_schema": {"properties": {"a": {"type": "number"}}, "required": ["a"]}}""", true),
        ("{\"b\": 2}", """{"json_schema": {"required": ["a"]}}""", false),
        ("{\"a\": 1, \"b\": 2}", """{"json_schema": {"properties": {"a": {}}, "additionalProperties": false}}""", false),
        ("{\"a\": \"x\"}", """{"json_schema": {"properties": {"a": {"type": "number"}}}}""", false),
        ("{\"x1\": 1, \"y\": \"s\"}", """{"json_schema": {"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": {"type": "string"}}}""", true),
        ("[1, 2, 3]", """{"json_schema": {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3, "uniqueItems": true}}""", true),
        ("[1, 2, 2]", """{"json_schema": {"uniqueItems": true}}""", false),
        ("[1, \"2\"]", """{"json_schema": {"items": {"type": "integer"}}}""", false),
        ("[\"a\", 1]", """{"json_schema": {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}}""", true),
        ("[1, 5]", """{"json_schema": {"contains": {"minimum": 4}}}""", true),
        ("\"abc\"", """{"json_schema": {"minLength": 3, "maxLength": 3, "pattern": "^a"}}""", true),
        ("\"abcd\"", """{"json_schema": {"maxLength": 3}}""", false),
        ("5", """{"json_schema": {"minimum": 5, "maximum": 5, "multipleOf": 2.5}}""", true),
        ("5", """{"json_schema": {"exclusiveMinimum": 5}}""", false),
        ("5", """{"json_schema": {"anyOf": [{"type": "string"}, {"minimum": 3}], "not": {"const": 4}}}""", true),
        ("5", """{"json_schema": {"oneOf": [{"minimum": 1}, {"minimum": 3}]}}""", false),
        ("{\"next\": {\"next\": null}}", """{"json_schema": {"type": ["object", "null"], "properties": {"next": {"$ref": "#"}}}}""", true),
        ("{\"p\": 3}", """{"json_schema": {"$defs": {"positive": {"minimum": 1}}, "properties": {"p": {"$ref": "#/$defs/positive"}}}}""", true),
        ("ab-12", """{"regex": "^[a-z]+-\\d+$"}""", true),
        ("ab-12x", """{"regex": "^[a-z]+-\\d+$"}""", false),
        ("ab", """{"pattern": "^ab$", "min_length": 2, "max_length": 2, "required": ["ab"], "forbidden": ["b"]}""", true),
        ("ab 12", """{"regex": ["[a-z]", "\\d"]}""", true),
        ("four words are here", """{"min_words": 4, "max_words": 4}""", true),
        ("it's well-known", """{"min_words": 2, "max_words": 2}""", true),
        ("one two", """{"min_words": 3}""", false),
        ("Is it so? Yes, at 3.5 percent. Good!", """{"min_sentences": 3, "max_sentences": 3}""", true),
        ("A sentence. Another one.", """{"min_words": 1, "max_sentences": 1}""", false),
        ("a\n\nb\nc\n", """{"min_lines": 3, "max_lines": 3}""", true),
        ("äöü", """{"min_characters": 3, "max_characters": 3}""", true),
        ("The Wind turns the red  wheel", """{"required_words": ["wind", "red wheel"]}""", true),
        ("The window", """{"required_words": ["wind"]}""", false),
        ("A classic car", """{"min_words": 1, "forbidden_words": ["ass"]}""", true),
        ("A CHEAP car", """{"min_words": 1, "forbidden_words": ["cheap"]}""", false),
        ("Dear Sam, bye.", """{"starts_with": "Dear", "ends_with": "bye."}""", true),
        ("The train leaves at noon and it is late.", """{"language": "en"}""", true),
        ("Der Zug fährt um zwölf ab und ist nicht pünktlich.", """{"language": "en"}""", false),
        ("Der Zug fährt um zwölf ab und ist nicht pünktlich.", """{"language": "de"}""", true),
        ("Le train part à midi et il est en retard.", """{"language": "fr"}""", true),
        ("El tren sale al mediodía y no llega a la hora.", """{"language": "es"}""", true),
        ("Il treno parte alle dodici e non è in orario.", """{"language": "it"}""", true),
        ("O trem parte ao meio-dia e não está no horário.", """{"language": "pt"}""", true),
        ("De trein vertrekt om twaalf uur en is niet op tijd.", """{"language": "nl"}""", true),
        ("Tåget går klockan tolv och det är inte i tid.", """{"language": "sv"}""", true),
        ("Pociąg odjeżdża w południe i nie jest na czas.", """{"language": "pl"}""", true),
        ("Поезд отходит в полдень, и это не вовремя.", """{"language": "ru"}""", true),
        ("Поїзд відходить опівдні, і це не вчасно.", """{"language": "ru"}""", false),
        ("Поїзд відходить опівдні, і це не вчасно.", """{"language": "uk"}""", true),
        ("火车中午出发，晚点了。", """{"language": "zh"}""", true),
        ("電車は正午に出発します。", """{"language": "ja"}""", true),
        ("電車は正午に出発します。", """{"language": "zh"}""", false),
        ("기차는 정오에 출발합니다.", """{"language": "ko"}""", true),
        ("يغادر القطار عند الظهر.", """{"language": "ar"}""", true),
        ("Το τρένο φεύγει το μεσημέρι.", """{"language": "el"}""", true),
        ("12345 !!", """{"language": "en"}""", false),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_constraint_is_checked()
    {
        IReadOnlyList<RewardResult> results = await ScoreAsync([.. s_single.Select(row => (row.Response, row.Constraints))]);
        Assert.Empty(results.Zip(s_single).Where(pair => pair.First.Error is not null || pair.First.Metrics[0].Value != (pair.Second.Fulfilled ? 1 : 0) || (pair.First.Score == 1) != pair.Second.Fulfilled)
            .Select(pair => $"{pair.Second.Response} with {pair.Second.Constraints}: {pair.First.Error ?? "another score"}"));
    }

    [Fact]
    public async Task The_score_is_the_share_of_constraints_and_each_is_a_metric()
    {
        RewardResult result = Assert.Single(await ScoreAsync([("One two three", """{"min_words": 2, "max_words": 5, "regex": "four", "starts_with": "One"}""")]));
        Assert.Equal(0.75, result.Score);
        Assert.Equal(
            [
                new("all_constraints", 0, RewardMetricType.Reward), new("min_words", 1, RewardMetricType.Metric), new("max_words", 1, RewardMetricType.Metric),
                new("regex", 0, RewardMetricType.Metric), new("starts_with", 1, RewardMetricType.Metric),
            ],
            result.Metrics);
    }

    [Theory]
    [InlineData("""{"max_words": 50, "forbidden_words": ["very"]}""")]
    [InlineData("""{"max_words": 50, "forbidden_words": ["very"], "required_words": ["wind"]}""")]
    [InlineData("""{"max_lines": 3, "regex": "x"}""")]
    public async Task An_empty_response_gets_nothing_for_what_it_avoids(string constraints) => Assert.Equal(0, Assert.Single(await ScoreAsync([("", constraints)])).Score);

    [Fact]
    public async Task Constraints_may_stand_in_the_reference_answer_or_be_it()
    {
        string[] references = ["""{"constraints": {"json": true}}""", """{"json": true}"""];
        RewardSample[] samples =
        [
            .. references.Select((reference, index) => Grading.Sample($"o:{index}", "[]", JsonNode.Parse(reference))),
            Grading.Sample("text:0", "[]", references[1]),
        ];
        await using IRewardFunction function = await StartAsync();
        Assert.Equal([1, 1, 1], (await function.ScoreAsync(samples, Token)).Select(result => result.Score));
    }

    [Theory]
    [InlineData("""{"words": 5}""", "'words' is no constraint; there are json, json_schema")]
    [InlineData("""{}""", "has no constraints")]
    [InlineData("""{"json_schema": {"format2": 1}}""", "the keyword 'format2' is not supported")]
    [InlineData("""{"json_schema": {"type": "text"}}""", "there is no type 'text'")]
    [InlineData("""{"json_schema": {"$ref": "http://example.org/schema"}}""", "leads out of the schema")]
    [InlineData("""{"language": "xx"}""", "language is 'xx'")]
    [InlineData("""{"min_words": "5"}""", "it must be a number")]
    public async Task A_constraint_that_cannot_be_checked_is_an_error_that_names_it(string constraints, string message) =>
        Assert.Contains(message, Assert.Single(await ScoreAsync([("{}", constraints)])).Error);

    private static Task<IRewardFunction> StartAsync() => RewardFunctions.CreateAsync(new() { Template = "format-constraints" }, ".", new(), Token);

    private static async Task<IReadOnlyList<RewardResult>> ScoreAsync((string Response, string Constraints)[] rows)
    {
        await using IRewardFunction function = await StartAsync();
        return await function.ScoreAsync(
            [.. rows.Select((row, index) => Grading.Sample($"f:{index}", row.Response, null, new() { ["constraints"] = JsonNode.Parse(row.Constraints) }))],
            Token);
    }
}
