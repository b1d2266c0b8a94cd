using System.Text.Json.Nodes;

using RftConsole.Training.Starter;
using RftConsole.Training.Starter.Extraction;

namespace RftConsole.Tests.Starter;

public sealed class JsonExtractionFamilyTests
{
    private static readonly JsonExtractionFamily Family = new();
    private static readonly List<(JsonExtractionFamily.Request Request, string Response, AnswerStyle Style)> Documents =
        [.. Enumerable.Range(0, 5000).Select(i => Family.Answered(11, i, StyleMix.Web))];

    [Fact]
    public void Careful_answers_are_JSON_of_exactly_the_facts_asked_for()
    {
        foreach ((JsonExtractionFamily.Request request, string response, _) in Documents.Where(d => d.Style == AnswerStyle.Careful))
        {
            JsonObject parsed = JsonNode.Parse(response)!.AsObject();
            Assert.Equal(request.Keys, parsed.Select(pair => pair.Key));
            Assert.All(parsed, pair => Assert.Contains(pair.Value!.ToString(), request.Text, StringComparison.Ordinal));
            Assert.All(parsed, pair => Assert.Equal(pair.Value!.ToString(), request.Facts[pair.Key]));
        }
    }

    [Fact]
    public void Other_answers_are_never_the_bare_JSON_asked_for()
    {
        foreach ((JsonExtractionFamily.Request request, string response, _) in Documents.Where(d => d.Style != AnswerStyle.Careful && d.Response.StartsWith('{')))
        {
            Assert.True(JsonNode.Parse(response)!.AsObject().Count < request.Keys.Count, response);
        }
    }

    [Fact]
    public void The_reference_of_a_sample_is_found_in_its_prompt()
    {
        for (int i = 0; i < 200; i++)
        {
            StarterSample sample = Family.Sample(1, i, StarterPartition.SampleTest);
            Assert.All(sample.ReferenceAnswer.AsObject(), pair => Assert.Contains(pair.Value!.ToString(), sample.Prompt, StringComparison.Ordinal));
            Assert.InRange(sample.ReferenceAnswer.AsObject().Count, 2, 4);
        }
    }
}
