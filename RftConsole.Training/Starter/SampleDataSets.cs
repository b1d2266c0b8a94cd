namespace RftConsole.Training.Starter;

/// <summary>A sample task that comes with the console; the files are JSONL training records.</summary>
public sealed record SampleDataSet(string Name, string Title, string Description, string RewardTemplate, string TrainingFile, string ValidationFile, string TestFile);

/// <summary>The sample tasks that the console knows by name.</summary>
public static class SampleDataSets
{
    /// <summary>Every sample task, one for each of the original's reward templates, in the same order.</summary>
    public static IReadOnlyList<SampleDataSet> All { get; } =
    [
        Sample("arithmetic", "Arithmetic word problems", "Short word problems with one or two steps. A good answer shows its steps and ends with the right number.", "math-reasoning"),
        Sample("contacts", "Contact details to JSON", "A sentence about a person and a schema. A good answer is JSON with exactly those fields, numbers as numbers.", "format-constraints"),
        Sample("lists", "Sort and transform lists", "Short lists to sort, turn around or cut. A good answer is the list wanted and nothing else.", "generic-grader"),
        Sample("instructions", "A sentence to order", "One sentence with a given length, a word to use and a word to avoid. A good answer keeps to all three.", "instruction-following"),
        Sample("dialogs", "Talks to one sentence", "Two people agree on what to do and when. A good answer is one sentence with what they settled on last.", "summarization"),
        Sample("diagnosis", "Find the fault", "Parts of a device that does not work. A good answer goes through them in order and names the one at fault.", "reasoning-evaluation"),
        Sample("passages", "Questions on a short text", "A short text and a question that it may not answer. A good answer says what the text says, or that it does not say.", "rag-faithfulness"),
    ];

    private static SampleDataSet Sample(string name, string title, string description, string template)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Starter", "samples", name);
        return new(name, title, description, template, Path.Combine(folder, "train.jsonl"), Path.Combine(folder, "validation.jsonl"), Path.Combine(folder, "test.jsonl"));
    }
}
