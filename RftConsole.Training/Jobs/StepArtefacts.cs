using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Jobs;

/// <summary>The artefacts that grow by step: metrics.jsonl, rollouts.jsonl and the two CSV files.</summary>
public sealed class StepArtefacts(JobFolder folder)
{
    private static readonly JsonSerializerOptions s_line = new(JobSpecificationFile.Options) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] s_trainingColumns =
    [
        MetricNames.Reward, MetricNames.RewardStd, MetricNames.RewardMargin, MetricNames.Accuracy, MetricNames.Loss, MetricNames.Entropy, MetricNames.GradNorm,
        MetricNames.MeanLength, MetricNames.LearningRate, MetricNames.Epoch, MetricNames.TokenCount,
    ];

    private static readonly string[] s_validationColumns = [MetricNames.ValidationReward, MetricNames.ValidationAccuracy, MetricNames.ValidationMeanLength];

    private string[] Files => [folder.Metrics, folder.Rollouts, folder.TrainingCsv, folder.ValidationCsv];

    /// <summary>Cuts the files back to what a checkpoint knew of them; without one they begin empty.</summary>
    public void Begin(IReadOnlyDictionary<string, long> lengths)
    {
        foreach (string path in Files)
        {
            VaultFiles.CutBack(path, lengths.GetValueOrDefault(Path.GetFileName(path)));
        }

        Header(folder.TrainingCsv, s_trainingColumns);
        Header(folder.ValidationCsv, s_validationColumns);
    }

    /// <summary>The files' lengths, flushed to the disk: a checkpoint's promise holds for them too.</summary>
    public IReadOnlyDictionary<string, long> Flush()
    {
        var lengths = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (string path in Files)
        {
            lengths[Path.GetFileName(path)] = VaultFiles.FlushLog(path);
        }

        return lengths;
    }

    /// <summary>Appends the metrics of a step, in the order of their names; those of a validation begin with <c>eval/</c>.</summary>
    public void Append(int step, IReadOnlyDictionary<string, double> metrics, DateTimeOffset time)
    {
        var line = new Dictionary<string, object> { ["step"] = step };
        foreach (var (name, value) in metrics.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            line[name] = value;
        }

        line["timestamp"] = time;
        AppendLine(folder.Metrics, JsonSerializer.Serialize(line, s_line));
        if (metrics.ContainsKey(MetricNames.Reward))
        {
            AppendRow(folder.TrainingCsv, step, metrics, s_trainingColumns);
        }

        if (metrics.ContainsKey(MetricNames.ValidationReward))
        {
            AppendRow(folder.ValidationCsv, step, metrics, s_validationColumns);
        }
    }

    public void Append(IReadOnlyList<Rollout> rollouts)
    {
        var text = new StringBuilder();
        foreach (var rollout in rollouts)
        {
            text.Append(JsonSerializer.Serialize(rollout, s_line)).Append('\n');
        }

        AppendText(folder.Rollouts, text.ToString());
    }

    private static void Header(string path, string[] columns)
    {
        if (VaultFiles.Length(path) == 0)
        {
            AppendLine(path, "step," + string.Join(',', columns));
        }
    }

    private static void AppendRow(string path, int step, IReadOnlyDictionary<string, double> metrics, string[] columns) => AppendLine(
        path,
        string.Join(',', columns.Select(x => metrics.TryGetValue(x, out double value) ? value.ToString("R", CultureInfo.InvariantCulture) : "").Prepend(step.ToString(CultureInfo.InvariantCulture))));

    private static void AppendLine(string path, string line) => AppendText(path, line + "\n");

    private static void AppendText(string path, string text) => VaultFiles.Append(path, Encoding.UTF8.GetBytes(text));
}
