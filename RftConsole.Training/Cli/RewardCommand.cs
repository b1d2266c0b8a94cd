using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;

namespace RftConsole.Training.Cli;

/// <summary><c>reward --reward R --samples F.jsonl</c>: runs a reward function on samples, as a job would.</summary>
internal static class RewardCommand
{
    public static Command Create()
    {
        Option<string> reward = new("--reward") { Description = "A template's name or a Python file with lambda_handler(event, context)", Required = true };
        Option<string> samples = new("--samples") { Description = "JSON Lines: one object with id, messages and reference_answer a line", Required = true };
        Option<bool> json = new("--json") { Description = "One machine-readable object on standard output" };
        Command command = new("reward", "Runs a reward function on samples") { reward, samples, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IReadOnlyList<RewardSample> read = RewardSampleReader.Read(parsed.GetValue(samples)!);
            await using IRewardFunction function = await RewardFunctions.CreateAsync(Specification(parsed.GetValue(reward)!), Environment.CurrentDirectory, new RewardOptions(), cancellationToken);
            Write(await function.ScoreAsync(read, cancellationToken), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    /// <summary>What stands on a command line for R: a Python file where it ends so or exists, else a template.</summary>
    internal static RewardFunctionSpecification Specification(string reward) =>
        reward.EndsWith(".py", StringComparison.OrdinalIgnoreCase) || File.Exists(reward) ? new() { File = reward } : new() { Template = reward };

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
