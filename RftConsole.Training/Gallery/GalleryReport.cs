using System.Globalization;
using System.Text;

namespace RftConsole.Training.Gallery;

/// <summary>What the jobs of one task came to.</summary>
/// <param name="Task">The task.</param>
/// <param name="Base">The base model on the task's test prompts.</param>
/// <param name="Runs">The jobs, one a seed.</param>
/// <param name="Shuffled">The control, where it was run.</param>
public sealed record GalleryRow(SampleTask Task, TaskAccuracy Base, IReadOnlyList<GalleryRun> Runs, GalleryRun? Shuffled = null)
{
    /// <summary>Mean greedy accuracy over the seeds.</summary>
    public double Tuned => Runs.Average(run => run.Tuned.Greedy);

    /// <summary>By how much <see cref="Tuned"/> is better than the base, as a share of the base.</summary>
    public double RelativeGain => (Tuned - Base.Greedy) / Base.Greedy;

    /// <summary>Mean seconds of a job.</summary>
    public double Seconds => Runs.Average(run => run.Seconds);

    /// <summary>Mean tokens sampled in training.</summary>
    public double Tokens => Runs.Average(run => run.Tokens);
}

/// <summary>The table of the gallery.</summary>
/// <param name="rows">One a task.</param>
/// <param name="untuned">The base model by task, on all tasks that jobs were measured on.</param>
public sealed class GalleryReport(IReadOnlyList<GalleryRow> rows, IReadOnlyDictionary<string, TaskAccuracy> untuned)
{
    /// <summary>Test prompts of a task: what the noise of the control is computed from.</summary>
    private const int TestPrompts = 200;

    /// <summary>The rows, one a task.</summary>
    public IReadOnlyList<GalleryRow> Rows => rows;

    /// <summary>The mean of the tasks' relative gains.</summary>
    public double MeanRelativeGain => rows.Average(row => row.RelativeGain);

    /// <summary>Mean points that a job adds to the accuracy on a task that it was not trained on; below 0 where it forgets. 0 where there is no other task.</summary>
    public double OtherTasks(GalleryRow row) => Others(row.Runs);

    /// <summary>Two standard errors of the difference of two accuracies on the test prompts.</summary>
    public static double Noise(double accuracy) => 2 * Math.Sqrt(2 * accuracy * (1 - accuracy) / TestPrompts);

    /// <summary>The object of <c>gallery --json</c>.</summary>
    public object Json() => new
    {
        tasks = rows.Select(row => new
        {
            name = row.Task.Data.Name,
            @base = row.Base.Greedy,
            tuned = row.Tuned,
            relative_gain = row.RelativeGain,
            seconds = row.Seconds,
            tokens = row.Tokens,
            tuned_by_seed = row.Runs.Select(run => run.Tuned.Greedy).ToArray(),
            base_sampled = row.Base.Sampled,
            tuned_sampled = row.Runs.Average(run => run.Tuned.Sampled),
            other_tasks_points = OtherTasks(row),
            judge_balanced_accuracy = row.Task.IsJudged ? row.Runs.Average(run => run.JudgeAgreement!.Value) : (double?)null,
        }).ToArray(),
        mean_relative_gain = MeanRelativeGain,
        controls = rows.Where(row => row.Shuffled is not null).Select(row => new
        {
            name = row.Task.Data.Name + "-shuffled",
            @base = row.Base.Greedy,
            tuned = row.Shuffled!.Tuned.Greedy,
            noise = Noise(row.Base.Greedy),
        }).ToArray(),
    };

    /// <summary>The table as Markdown.</summary>
    public string Markdown()
    {
        StringBuilder text = new();
        text.Append("| task | reward | base | tuned, mean (range) | relative gain | sampled, base → tuned | judge, balanced accuracy | other tasks | seconds | tokens |\n|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (GalleryRow row in rows)
        {
            double[] tuned = [.. row.Runs.Select(run => run.Tuned.Greedy)];
            Row(
                row.Task.Data.Name, row.Task.Data.RewardTemplate, Percent(row.Base.Greedy), $"{Percent(row.Tuned)} ({Percent(tuned.Min())} to {Percent(tuned.Max())})", Signed(row.RelativeGain),
                $"{Percent(row.Base.Sampled)} → {Percent(row.Runs.Average(run => run.Tuned.Sampled))}", row.Task.IsJudged ? Percent(row.Runs.Average(run => run.JudgeAgreement!.Value)) : "",
                Points(OtherTasks(row)), Number(row.Seconds), Number(row.Tokens));
        }

        foreach (GalleryRow row in rows.Where(row => row.Shuffled is not null))
        {
            GalleryRun control = row.Shuffled!;
            Row(
                row.Task.Data.Name + ", shuffled", row.Task.Data.RewardTemplate + ", dealt out anew in each group", Percent(row.Base.Greedy), Percent(control.Tuned.Greedy),
                $"{Points(control.Tuned.Greedy - row.Base.Greedy)}; noise is ±{100 * Noise(row.Base.Greedy):0.0}", $"{Percent(row.Base.Sampled)} → {Percent(control.Tuned.Sampled)}",
                control.JudgeAgreement is { } agreement ? Percent(agreement) : "", Points(Others([control])), Number(control.Seconds), Number(control.Tokens));
        }

        Row("**mean**", "", Percent(rows.Average(row => row.Base.Greedy)), Percent(rows.Average(row => row.Tuned)), $"**{Signed(MeanRelativeGain)}**", "", "", Points(rows.Average(OtherTasks)), Number(rows.Average(row => row.Seconds)), "");
        return text.ToString();

        void Row(params ReadOnlySpan<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private double Others(IEnumerable<GalleryRun> runs) => runs.SelectMany(run => run.Others).Select(other => other.Value - untuned[other.Key].Greedy).DefaultIfEmpty().Average();

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Signed(double share) => (100 * share).ToString("+0;-0;0", CultureInfo.InvariantCulture) + " %";

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " points";

    private static string Number(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
