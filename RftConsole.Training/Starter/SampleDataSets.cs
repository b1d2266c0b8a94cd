namespace RftConsole.Training.Starter;

/// <summary>A sample task that comes with the console; the files are JSONL training records.</summary>
public sealed record SampleDataSet(string Name, string Title, string Description, string RewardTemplate, string TrainingFile, string ValidationFile, string TestFile);

/// <summary>The sample tasks that the console knows by name.</summary>
public static class SampleDataSets
{
    /// <summary>All sample tasks.</summary>
    public static IReadOnlyList<SampleDataSet> All { get; } = [Sample("arithmetic", "Arithmetic word problems", "Short word problems with one or two steps. A good answer shows its steps and ends with the right number.", "math-reasoning")];

    private static SampleDataSet Sample(string name, string title, string description, string template)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Starter", "samples", name);
        return new(name, title, description, template, Path.Combine(folder, "train.jsonl"), Path.Combine(folder, "validation.jsonl"), Path.Combine(folder, "test.jsonl"));
    }
}
