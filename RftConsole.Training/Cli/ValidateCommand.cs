using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Inspection;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>validate --data F.jsonl [--model M]</c>: what a job would make of a training file.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Training records: JSON Lines, plain or gzip", Required = true };
        var validation = new Option<string?>("--validation") { Description = "Validation records; what they share with the training records is a warning" };
        var model = new Option<string?>("--model") { Description = "Counts tokens as this model would: a registered name (starter), a Hugging Face model folder or a GGUF file" };
        var longest = new Option<int?>("--max-prompt-length") { Description = "Prompts with more tokens are dropped; the default is that of a job" };
        var json = CommonOptions.Json();
        var command = new Command("validate", "Checks training records line by line") { data, validation, model, longest, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var limit = Limit(parsed.GetValue(model), parsed.GetValue(longest));
            var (training, held) = await DatasetScan.RunAsync(Existing("--data", parsed.GetValue(data))!, Existing("--validation", parsed.GetValue(validation)), limit, cancellation: cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.Json(held is null ? Shape(training) : new
                {
                    accepted = training.Accepted,
                    rejected = training.Rejected.Select(Shape),
                    warnings = training.Warnings,
                    tokens = Shape(training.Tokens),
                    validation = Shape(held),
                });
            }
            else
            {
                Write("", training);
                if (held is not null)
                {
                    Write("validation ", held);
                }
            }

            return 0;
        });
        return command;
    }

    private static string? Existing(string option, string? path) =>
        path is null || File.Exists(path) ? path : throw new UserInputException($"{option}: {path} {(Directory.Exists(path) ? "is a folder; give one file" : "does not exist")}");

    private static TokenLimit? Limit(string? model, int? longest)
    {
        if (longest is < 1)
        {
            throw new UserInputException($"--max-prompt-length: {longest} is below 1");
        }

        if (model is null)
        {
            return longest is null ? null : throw new UserInputException("--max-prompt-length: needs --model, whose tokens are counted");
        }

        using var source = ModelSource.Open(model);
        return PromptLimit.Of(source, longest);
    }

    private static object Shape(DatasetSummary summary) => new
    {
        accepted = summary.Accepted,
        rejected = summary.Rejected.Select(Shape),
        warnings = summary.Warnings,
        tokens = Shape(summary.Tokens),
    };

    private static object Shape(RejectedLine line) => new { line = line.Line, reason = line.Reason, excerpt = line.Excerpt };

    private static object? Shape(TokenStatistics? tokens) => tokens is null ? null : new
    {
        count = tokens.Count,
        total = tokens.Total,
        min = tokens.Min,
        max = tokens.Max,
        mean = tokens.Mean,
        median = tokens.Median,
        p95 = tokens.P95,
        p99 = tokens.P99,
        limit = tokens.Limit,
        dropped = tokens.Dropped,
        histogram = tokens.Histogram.Select(bin => new { from = bin.From, to = bin.To, count = bin.Count }),
    };

    private static void Write(string prefix, DatasetSummary summary)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prefix}accepted {summary.Accepted}  rejected {summary.RejectedCount}"));
        foreach (var line in summary.Rejected)
        {
            Console.Out.WriteLine($"{prefix}line {line.Line}: {line.Reason}: {line.Excerpt}");
        }

        foreach (string warning in summary.Warnings)
        {
            Console.Out.WriteLine($"{prefix}warning: {warning}");
        }

        if (summary.Tokens is { } tokens)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prefix}tokens {tokens.Total}  a prompt: {tokens.Min} to {tokens.Max}, mean {tokens.Mean:0.0}, median {tokens.Median}, 95 % at most {tokens.P95}; {tokens.Dropped} above {tokens.Limit} are dropped"));
        }
    }
}
