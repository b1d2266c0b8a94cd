using System.Text.Json;

namespace RftConsole.Web.Samples;

/// <summary>What a sample task gained when the gallery was last measured for this version of the embedded model.</summary>
/// <param name="Name">The task.</param>
/// <param name="Base">Greedy accuracy of the base model on the test prompts.</param>
/// <param name="Tuned">Mean of the jobs.</param>
/// <param name="Seconds">Of a job.</param>
/// <param name="JudgeAgreement">Balanced accuracy of the judge; null where code grades.</param>
public sealed record MeasuredTask(string Name, double Base, double Tuned, double Seconds, double? JudgeAgreement);

/// <summary>The figures of <c>gallery --json</c> that stand beside the embedded model's weights.</summary>
public static class MeasuredGallery
{
    private static readonly Lazy<IReadOnlyDictionary<string, MeasuredTask>> s_tasks = new(Read);

    /// <summary>The figures of a task; null where it has not been measured.</summary>
    public static MeasuredTask? Of(string task) => s_tasks.Value.GetValueOrDefault(task);

    private static Dictionary<string, MeasuredTask> Read()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Starter", "model", "gallery.json");
        if (!File.Exists(file))
        {
            return [];
        }

        using var report = JsonDocument.Parse(File.ReadAllText(file));
        return report.RootElement.GetProperty("tasks").EnumerateArray().Select(task => new MeasuredTask(
            task.GetProperty("name").GetString()!,
            task.GetProperty("base").GetDouble(),
            task.GetProperty("tuned").GetDouble(),
            task.GetProperty("seconds").GetDouble(),
            task.GetProperty("judge_balanced_accuracy") is { ValueKind: JsonValueKind.Number } agreement ? agreement.GetDouble() : null)).ToDictionary(task => task.Name);
    }
}
