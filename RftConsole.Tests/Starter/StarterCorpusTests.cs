using RftConsole.Training.Starter;

namespace RftConsole.Tests.Starter;

public sealed class StarterCorpusTests
{
    [Fact]
    public void A_document_is_a_function_of_seed_and_index_alone()
    {
        StarterCorpus forwards = new(7);
        StarterCorpus backwards = new(7);
        List<string> first = [.. Enumerable.Range(0, 500).Select(i => Text(forwards, i))];
        List<string> second = [.. Enumerable.Range(0, 500).Reverse().Select(i => Text(backwards, i)).Reverse()];

        Assert.Equal(first, second);
    }

    [Fact]
    public void Another_seed_is_another_corpus()
    {
        int same = Enumerable.Range(0, 500).Count(i => Text(new StarterCorpus(7), i) == Text(new StarterCorpus(8), i));

        Assert.InRange(same, 0, 2);
    }

    [Fact]
    public void Documents_are_judgements_and_answers_in_every_family_and_some_have_a_system_prompt_or_an_earlier_turn()
    {
        List<StarterDocument> documents = [.. Enumerable.Range(0, 5000).Select(i => new StarterCorpus(3).At(i))];

        Assert.InRange(documents.Count(x => x.Response.StartsWith("{\"reasoning\"", StringComparison.Ordinal)) / 5000.0, 0.2, 0.4);
        Assert.InRange(documents.Count(x => x.Response.Contains("####", StringComparison.Ordinal)) / 5000.0, 0.02, 0.1);
        Assert.InRange(documents.Count(x => x.Prompt[0].Role == "system") / 5000.0, 0.01, 0.05);
        Assert.InRange(documents.Count(x => x.Prompt.Count == 3) / 5000.0, 0.01, 0.05);
        Assert.All(documents, x => Assert.Equal("user", x.Prompt[^1].Role));
    }

    private static string Text(StarterCorpus corpus, int index)
    {
        StarterDocument document = corpus.At(index);
        return string.Join('\n', document.Prompt.Select(m => m.Content)) + "\n→ " + document.Response;
    }
}
