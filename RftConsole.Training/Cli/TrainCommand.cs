using System.CommandLine;

using RftConsole.Training.Compute;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;

namespace RftConsole.Training.Cli;

/// <summary><c>train --job job.json --output DIR</c>: runs a job, or resumes the one in DIR.</summary>
internal static class TrainCommand
{
    /// <summary>Its name; it takes Ctrl+C and SIGTERM itself.</summary>
    public const string Name = "train";

    public static Command Create()
    {
        var job = new Option<string>("--job") { Description = "The job file", Required = true };
        var output = new Option<string>("--output") { Description = "Folder of the job's artefacts; a job that is there already is resumed", Required = true };
        var data = new Option<string?>("--data") { Description = $"A console's data folder, whose encryption keys the job may name; {KeyStore.KeyFileVariable} names a key file in place of it, and {KeyStore.PassphraseVariable} unlocks a key that has a passphrase" };
        var json = CommonOptions.Json();
        var command = new Command(Name, "Runs a reinforcement fine-tuning job; run again on the same folder, it resumes from the last checkpoint. Ctrl+C or SIGTERM finish the step and write a checkpoint first, a second one ends at once") { job, output, data, json };
        command.SetAction(async (parsed, _) =>
        {
            var specification = JobSpecificationFile.Load(parsed.GetValue(job)!);
            KeyStore keys = new(parsed.GetValue(data) is { } folder ? Path.Combine(folder, KeyStore.FolderName) : null);
            if (specification.Encryption is { } encryption && WrappedKey.Read(parsed.GetValue(output)!) is null)
            {
                keys.Require(encryption.Key);
            }

            using var interrupts = new JobInterrupts();
            await using var compute = new ComputeThread();
            await using var models = new ModelHost(compute);
            int? resumed = null;
            var finished = await new RftJob(specification, parsed.GetValue(output)!, models, keys: keys).RunAsync(
                e =>
                {
                    resumed = (e as JobPlanned)?.ResumedFromStep ?? resumed;
                    Log(e);
                    return ValueTask.CompletedTask;
                },
                interrupts.Signals);
            if (finished.Outcome == JobOutcome.Failed)
            {
                throw new UserInputException(finished.Message!);
            }

            if (parsed.GetValue(json))
            {
                CommandOutput.Json(new
                {
                    status = finished.Outcome.ToString(),
                    steps = finished.Steps,
                    resumedFromStep = resumed,
                    baseline = Figures(finished.Baseline),
                    final = Figures(finished.Final),
                    adapter = finished.AdapterPath,
                });
            }

            if (finished.Outcome == JobOutcome.Paused)
            {
                CommandOutput.Log(finished.Message!);
                return 1;
            }

            if (!parsed.GetValue(json))
            {
                Console.WriteLine($"{finished.Outcome} after {finished.Steps} steps; the adapter of step {finished.BestStep} is in {finished.AdapterPath}");
            }

            return 0;
        });
        return command;
    }

    /// <summary>Validation metrics under the names of <c>evaluate</c>, which measures the same thing, beside those of the metrics file.</summary>
    private static SortedDictionary<string, double>? Figures(IReadOnlyDictionary<string, double>? validation)
    {
        const string Prefix = "eval/";
        return validation is null ? null : new(
            validation.SelectMany(x => new[] { x, new(x.Key.StartsWith(Prefix, StringComparison.Ordinal) ? x.Key[Prefix.Length..] : x.Key, x.Value) }).DistinctBy(x => x.Key).ToDictionary(),
            StringComparer.Ordinal);
    }

    private static void Log(JobEvent e)
    {
        string? line = e switch
        {
            PhaseChanged x => $"{x.Phase}: {x.Status}",
            JobPlanned x => $"{x.TotalSteps} steps of {x.Hyperparameters.BatchSize} prompts × {x.Hyperparameters.TrainingSamplePerPrompt} samples, {x.TrainingPrompts} training and {x.ValidationPrompts} validation prompts"
                + $"\n{System.Text.Json.JsonSerializer.Serialize(x.Hyperparameters, JobSpecificationFile.Options)}",
            StepCompleted x => FormattableString.Invariant(
                $"step {x.Step}/{x.TotalSteps}  reward {x.Metrics[MetricNames.Reward]:0.000}  accuracy {x.Metrics[MetricNames.Accuracy]:0.000}  loss {x.Metrics[MetricNames.Loss]:0.0000}  entropy {x.Metrics[MetricNames.Entropy]:0.000}  length {x.Metrics[MetricNames.MeanLength]:0.0}  gap {x.Metrics[MetricNames.LogProbabilityGap]:0.0e0}  {x.Metrics[MetricNames.StepTime]:0.00} s (rollout {x.Metrics[MetricNames.RolloutTime]:0.00}, reward {x.Metrics[MetricNames.RewardTime]:0.00}, update {x.Metrics[MetricNames.UpdateTime]:0.00})"),
            ValidationCompleted x => FormattableString.Invariant(
                $"validation at step {x.Step}  reward {x.Metrics[MetricNames.ValidationReward]:0.000}  accuracy {x.Metrics[MetricNames.ValidationAccuracy]:0.000}{(x.IsBest ? "  (best)" : "")}"),
            CheckpointWritten x => FormattableString.Invariant($"checkpoint of step {x.Step} written in {x.Seconds:0.000} s{(x.IsBest ? "  (best)" : "")}"),
            JobWarning x => $"warning: {x.Message}",
            CallsRefused x => x.Call.Sentence,
            JobLog x => x.Message,
            JobFinished { Message: { } message, Outcome: JobOutcome.Completed or JobOutcome.Stopped } => message,
            _ => null,
        };
        if (line is not null)
        {
            CommandOutput.Log(line);
        }
    }
}
