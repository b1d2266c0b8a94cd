using System.CommandLine;

using RftConsole.Training.Compute;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Grpo;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;

namespace RftConsole.Training.Cli;

/// <summary><c>evaluate</c>: generates answers to the records of a file and grades them.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var adapter = CommonOptions.Adapter();
        var data = new Option<string>("--data") { Description = "Training records, JSONL", Required = true };
        var reward = new RewardArguments();
        var maxTokens = CommonOptions.MaxTokens(48);
        var temperature = CommonOptions.Temperature();
        var samples = new Option<int>("--samples") { Description = "Completions of each prompt", DefaultValueFactory = _ => 1 };
        var threshold = new Option<double?>("--accuracy-threshold") { Description = "The least reward that counts as accurate; 1 for code and 0.5 for a judge unless given" };
        var seed = CommonOptions.Seed();
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Generates and grades; greedy by default") { model, adapter, data, maxTokens, temperature, samples, threshold, seed, json };
        foreach (var option in reward.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var compute = new ComputeThread();
            await using var models = new ModelHost(compute);
            var loaded = await models.LoadAsync(parsed.GetValue(model)!);
            var lora = parsed.GetValue(adapter) is { } folder ? await models.LoadAdapterAsync(loaded, folder) : null;
            var options = new SamplingOptions(parsed.GetValue(temperature), 1, parsed.GetValue(maxTokens));
            CommonOptions.Check(options);
            int count = parsed.GetValue(samples);
            if (count is < 1 or > 1024)
            {
                throw new UserInputException($"--samples: {count} is outside 1 to 1024");
            }

            var prompts = Prompts(parsed.GetValue(data)!, loaded, lora?.ReasoningEffort ?? default, options.MaxTokens);
            await using var function = await reward.StartAsync(parsed, models, cancellationToken);
            var graded = (await new Validator(loaded, function, compute).RunAsync(lora, prompts, options, count, parsed.GetValue(seed), cancellationToken))
                .SelectMany((group, i) => group.Select((x, j) => (Id: group.Length == 1 ? prompts[i].Record.Id : $"{prompts[i].Record.Id}:{j}", Graded: x)))
                .ToArray();
            Write(graded, parsed.GetValue(threshold) ?? RewardSpecificationRules.AccuracyThreshold(reward.Specification(parsed)), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<EncodedPrompt> Prompts(string path, LoadedModel model, ReasoningEffort effort, int maxTokens)
    {
        if (!File.Exists(path))
        {
            throw new UserInputException($"--data: {path} does not exist");
        }

        var report = TrainingRecordReader.Read(path);
        foreach (var line in report.Rejected)
        {
            CommandOutput.Log($"line {line.Line} rejected: {line.Reason}");
        }

        int limit = model.Decoder.Config.ContextLength - Math.Min(maxTokens, model.Decoder.Config.ContextLength / 2);
        var prepared = PromptEncoder.Encode(report.Accepted, model.Tokenizer, model.ChatTemplate, limit, effort.TemplateVariables());
        return prepared.Prompts.Count > 0 ? prepared.Prompts : throw new UserInputException($"--data: {path} holds no usable record");
    }

    private static void Write((string Id, GradedCompletion Graded)[] graded, double threshold, bool json)
    {
        double[] scores = StepMetricsBuilder.Scores(graded.Select(x => x.Graded));
        int unjudged = graded.Length - scores.Length;
        if (scores.Length == 0)
        {
            throw new RewardInfrastructureException($"The judge gave no verdict on any of {graded.Length} completions: {graded[0].Graded.Result.Unjudged}");
        }

        double accuracy = StepMetricsBuilder.Accuracy([.. graded.Select(x => x.Graded)], threshold);
        double length = graded.Average(x => x.Graded.Completion.Tokens.Length);
        if (json)
        {
            Dictionary<string, object> report = new()
            {
                ["reward"] = scores.Average(),
                ["reward_std"] = Advantages.StandardDeviation(scores),
                ["accuracy"] = accuracy,
                ["completions/mean_length"] = length,
                ["count"] = graded.Length,
                ["rows"] = graded.Select(x => new { id = x.Id, completion = x.Graded.Text, reward = x.Graded.Result.IsJudged ? x.Graded.Result.Score : (double?)null, error = x.Graded.Result.Error ?? x.Graded.Result.Unjudged }).ToArray(),
            };
            if (unjudged > 0)
            {
                report["unjudged"] = unjudged;
            }

            CommandOutput.Json(report);
        }
        else
        {
            Console.WriteLine(FormattableString.Invariant($"reward {scores.Average():0.0000}  accuracy {accuracy:0.0000}  mean length {length:0.0}  completions {graded.Length}{(unjudged > 0 ? $", {unjudged} of them without a verdict" : "")}"));
        }
    }
}
