using System.CommandLine;

using RftConsole.Training.Compute;
using RftConsole.Training.Gallery;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>gallery</c>: trains the sample tasks from the embedded model and prints what they gain.</summary>
internal static class GalleryCommand
{
    private const long FirstSeed = 42;

    public static Command Create()
    {
        var task = new Option<string?>("--task") { Description = "One task alone" };
        var seeds = new Option<int>("--seeds") { Description = "Jobs of each task", DefaultValueFactory = _ => 1 };
        var control = new Option<bool>("--control") { Description = "Also a job of each task whose rewards are shuffled within each group: it must not gain" };
        var output = new Option<string?>("--output") { Description = "Folder that keeps the jobs; a temporary one, removed at the end, unless given" };
        var curves = new Option<string?>("--curves") { Description = "File for a drawing (SVG) of the training rewards of all jobs" };
        var json = CommonOptions.Json();
        var command = new Command("gallery", "Trains each sample task from the embedded model and prints base and tuned accuracy by an independent check") { task, seeds, control, output, curves, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int count = parsed.GetValue(seeds);
            if (count is < 1 or > 100)
            {
                throw new UserInputException($"--seeds: {count} is outside 1 to 100");
            }

            SampleTask[] tasks = parsed.GetValue(task) is { } name ? [SampleTasks.Of(name)] : [.. SampleTasks.All];
            string? kept = parsed.GetValue(output);
            string folder = kept is null ? Directory.CreateTempSubdirectory("gallery-").FullName : Path.GetFullPath(kept);
            try
            {
                var report = await RunAsync(tasks, count, parsed.GetValue(control), folder, cancellationToken);
                if (parsed.GetValue(curves) is { } drawing)
                {
                    await File.WriteAllTextAsync(drawing, GalleryCurves.Svg(report.Rows), cancellationToken);
                }

                if (parsed.GetValue(json))
                {
                    CommandOutput.Json(report.Json());
                }
                else
                {
                    Console.Write(report.Markdown());
                }
            }
            finally
            {
                if (kept is null)
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            return 0;
        });
        return command;
    }

    private static async Task<GalleryReport> RunAsync(SampleTask[] tasks, int seeds, bool control, string folder, CancellationToken cancellationToken)
    {
        await using var compute = new ComputeThread();
        await using var models = new ModelHost(compute);
        var runner = new GalleryRunner(models, folder);
        Dictionary<string, TaskAccuracy> untuned = new(StringComparer.Ordinal);
        foreach (SampleTask task in SampleTasks.All.Union(tasks))
        {
            untuned[task.Data.Name] = await runner.MeasureAsync(task, null, cancellationToken);
        }

        List<GalleryRow> rows = [];
        foreach (SampleTask task in tasks)
        {
            var basis = untuned[task.Data.Name];
            List<GalleryRun> runs = [];
            for (long seed = FirstSeed; seed < FirstSeed + seeds; seed++)
            {
                runs.Add(await runner.RunAsync(task, seed, shuffled: false, CommandOutput.Log, cancellationToken));
                CommandOutput.Log(FormattableString.Invariant($"{task.Data.Name}, seed {seed}: {basis.Greedy:P1} -> {runs[^1].Tuned.Greedy:P1} in {runs[^1].Seconds:0} s"));
            }

            rows.Add(new(task, basis, runs, control ? await runner.RunAsync(task, FirstSeed, shuffled: true, CommandOutput.Log, cancellationToken) : null));
        }

        return new(rows, untuned);
    }
}
