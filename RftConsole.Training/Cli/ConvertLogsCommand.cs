using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Training.Cli;

/// <summary><c>convert-logs --input PATH --output F.jsonl</c>: invocation logs to training records.</summary>
internal static class ConvertLogsCommand
{
    public static Command Create()
    {
        var input = new Option<string>("--input") { Description = "Model invocation logs: a file, or a folder with its folders; plain or gzip", Required = true };
        var output = new Option<string>("--output") { Description = "The training records, JSONL", Required = true };
        var reply = new Option<bool>("--use-prompt-response") { Description = "The logged reply becomes the reference_answer; otherwise only prompts are taken" };
        var filter = new Option<string?>("--filter") { Description = "A JSON file: equals, notEquals, andAll or orAll on requestMetadata" };
        var from = new Option<string?>("--from") { Description = "The first day of which calls are taken, YYYY-MM-DD (UTC)" };
        var to = new Option<string?>("--to") { Description = "The last such day" };
        var json = CommonOptions.Json();
        var command = new Command("convert-logs", "Converts model invocation logs to training records") { input, output, reply, filter, from, to, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new InvocationLogOptions(parsed.GetValue(reply), parsed.GetValue(filter) is { } file ? MetadataFilter.Load(file) : null)
            {
                From = Day("--from", parsed.GetValue(from)),
                To = Day("--to", parsed.GetValue(to)),
            };
            var report = InvocationLogConverter.Convert(parsed.GetValue(input)!, parsed.GetValue(output)!, options, cancellation: cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.Json(new { converted = report.Converted, skipped = report.Skipped.Select(line => new { file = line.File, line = line.Line, reason = line.Reason }), filtered = report.Filtered });
            }
            else
            {
                Console.Out.WriteLine($"converted {report.Converted}  skipped {report.Skipped.Count}  left out by the filter {report.Filtered}");
                foreach (var line in report.Skipped)
                {
                    Console.Out.WriteLine($"{line.File}, line {line.Line}: {line.Reason}");
                }
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static DateOnly? Day(string option, string? given) =>
        given is null ? null
        : DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new UserInputException($"{option}: {given} is no day; write YYYY-MM-DD, such as 2026-01-31");
}
