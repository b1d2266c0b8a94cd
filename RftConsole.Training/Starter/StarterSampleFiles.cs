using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter;

/// <summary>Makes the files of a sample task from its family: training records, one a line, no prompt twice.</summary>
public static class StarterSampleFiles
{
    /// <summary>The seed of the files in the project.</summary>
    private const ulong Seed = 2026;

    /// <summary>The key of a record that holds what the independent check goes by.</summary>
    public const string FactsKey = "facts";

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files of a sample task and how many records each holds.</summary>
    public static IReadOnlyList<(string File, StarterPartition Partition, int Count)> Files { get; } =
    [
        ("train.jsonl", StarterPartition.SampleTraining, 640),
        ("validation.jsonl", StarterPartition.SampleValidation, 150),
        ("test.jsonl", StarterPartition.SampleTest, 200),
    ];

    /// <summary>The content of one file.</summary>
    public static string Content(ITaskFamily family, StarterPartition partition, int count)
    {
        HashSet<string> prompts = new(StringComparer.Ordinal);
        List<string> lines = [];
        for (long index = 0; lines.Count < count; index++)
        {
            StarterSample sample = family.Sample(Seed, index, partition);
            if (prompts.Add(sample.Prompt))
            {
                lines.Add(Line($"{family.Name}-{ShortName(partition)}-{lines.Count + 1:D3}", sample));
            }
        }

        return string.Concat(lines.Select(line => line + "\n"));
    }

    /// <summary>Writes the files of a family into <paramref name="folder"/>, which is made where it is missing.</summary>
    public static void Write(ITaskFamily family, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string file, StarterPartition partition, int count) in Files)
        {
            File.WriteAllText(Path.Combine(folder, file), Content(family, partition, count));
        }
    }

    private static string Line(string id, StarterSample sample)
    {
        JsonObject record = new()
        {
            ["id"] = id,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = sample.Prompt }),
        };
        foreach ((string key, JsonNode? value) in new[] { ("reference_answer", sample.ReferenceAnswer), ("constraints", sample.Constraints), (FactsKey, sample.Facts) })
        {
            if (value is not null)
            {
                record[key] = value;
            }
        }

        return record.ToJsonString(s_json);
    }

    private static string ShortName(StarterPartition partition) => partition switch
    {
        StarterPartition.SampleTraining => "train",
        StarterPartition.SampleValidation => "validation",
        StarterPartition.SampleTest => "test",
        _ => throw new ArgumentOutOfRangeException(nameof(partition), partition, "Not a partition of samples."),
    };
}
