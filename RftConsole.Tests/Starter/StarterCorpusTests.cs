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
    public void Families_appear_by_their_weights()
    {
        StarterCorpus corpus = new(3);
        int json = Enumerable.Range(0, 5000).Count(i => corpus.At(i).Prompt[0].Content.Contains("JSON", StringComparison.Ordinal));

        double share = StarterCorpus.Families.Single(f => f.Name == "json").Weight / StarterCorpus.Families.Sum(f => f.Weight);
        Assert.InRange(json / 5000.0, share - 0.03, share + 0.03);
    }

    private static string Text(StarterCorpus corpus, int index)
    {
        StarterDocument document = corpus.At(index);
        return string.Join('\n', document.Prompt.Select(m => m.Content)) + "\n→ " + document.Response;
    }
}
