using System.Text.Json.Nodes;

using RftConsole.Training.Starter;

namespace RftConsole.Tests.Starter;

public sealed class SampleDataSetTests
{
    private const int PretrainingDocuments = 200_000;

    public static TheoryData<string> Names => [.. SampleDataSets.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_files_are_what_the_generator_makes(string name)
    {
        ITaskFamily family = StarterCorpus.Families.Single(f => f.Name == name);
        SampleDataSet sample = Sample(name);
        string[] files = [sample.TrainingFile, sample.ValidationFile, sample.TestFile];

        foreach (((string file, StarterPartition partition, int count), string path) in StarterSampleFiles.Files.Zip(files))
        {
            Assert.Equal(file, Path.GetFileName(path));
            Assert.True(File.ReadAllText(path) == StarterSampleFiles.Content(family, partition, count), $"{path} is not what the generator makes: make it again with StarterSampleFiles.Write.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void There_are_enough_prompts_and_none_stands_twice(string name)
    {
        SampleDataSet sample = Sample(name);
        List<string> training = Prompts(sample.TrainingFile);
        List<string> validation = Prompts(sample.ValidationFile);
        List<string> test = Prompts(sample.TestFile);

        Assert.True(training.Count >= 600 && validation.Count >= 150 && test.Count >= 200);
        Assert.Equal(training.Count + validation.Count + test.Count, training.Concat(validation).Concat(test).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void No_prompt_of_a_sample_is_in_the_pretraining_corpus()
    {
        HashSet<string> samples = [.. SampleDataSets.All.SelectMany(s => new[] { s.TrainingFile, s.ValidationFile, s.TestFile }).SelectMany(Prompts)];
        StarterCorpus corpus = new(42);

        for (int i = 0; i < PretrainingDocuments; i++)
        {
            string prompt = corpus.At(i).Prompt[^1].Content;
            Assert.False(samples.Contains(prompt), prompt);
        }
    }

    [Fact]
    public void A_partition_holds_no_problem_of_another()
    {
        foreach (ITaskFamily family in StarterCorpus.Families)
        {
            HashSet<string> training = [.. Enumerable.Range(0, 3000).Select(i => family.Sample(1, i, StarterPartition.SampleTraining).Prompt)];
            Assert.DoesNotContain(Enumerable.Range(0, 3000), i => training.Contains(family.Sample(2, i, StarterPartition.SampleTest).Prompt));
        }
    }

    private static SampleDataSet Sample(string name) => SampleDataSets.All.Single(s => s.Name == name);

    private static List<string> Prompts(string file) =>
        [.. File.ReadLines(file).Select(line => (string)JsonNode.Parse(line)!["messages"]![0]!["content"]!)];
}
