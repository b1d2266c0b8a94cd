using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Cli;

/// <summary><c>reward --reward R --samples F.jsonl</c>: runs a reward function on samples, as a job would.</summary>
internal static class RewardCommand
{
    public static Command Create()
    {
        RewardArguments reward = new();
        Option<string> samples = new("--samples") { Description = "JSON Lines: one object with id, messages and reference_answer a line", Required = true };
        Option<bool> json = new("--json") { Description = "One machine-readable object on standard output" };
        Command command = new("reward", "Runs a reward function on samples") { samples, json };
        foreach (Option option in reward.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<RewardSample> read = RewardSampleReader.Read(parsed.GetValue(samples)!);
            // Loading libtorch takes longer than most functions.
            await using ComputeThread? compute = RewardSpecificationRules.NeedsModels(reward.Specification(parsed)) ? new() : null;
            await using ModelHost? models = compute is null ? null : new(compute);
            await using IRewardFunction function = await reward.StartAsync(parsed, models, cancellationToken);
            if (function.Packages.Count > 0)
            {
                CommandOutput.Log("packages: " + string.Join(", ", function.Packages));
            }

            Write(await function.ScoreAsync(read, cancellationToken), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Write(IReadOnlyList<RewardResult> results, bool json)
    {
        foreach (string warning in results.Select(result => result.Warning).OfType<string>())
        {
            CommandOutput.Log(warning);
        }

        if (json)
        {
            CommandOutput.Json(new
            {
                results = results.Select(result => new
                {
                    id = result.Id,
                    aggregate_reward_score = result.IsJudged ? result.Score : (double?)null,
                    metrics_list = result.Metrics.Select(metric => new { name = metric.Name, value = metric.Value, type = metric.Type.ToString() }),
                    output = result.Output,
                }),
                errors = results.Where(result => (result.Error ?? result.Unjudged) is not null).Select(result => new { id = result.Id, error = result.Error ?? result.Unjudged }),
            });
            return;
        }

        foreach (RewardResult result in results)
        {
            string metrics = string.Concat(result.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"  {metric.Name} {metric.Value}")));
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Id}  {(result.IsJudged ? result.Score : "no verdict")}{metrics}{((result.Error ?? result.Unjudged) is { } error ? "  error: " + error : "")}"));
        }
    }
}
