using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>logprobs</c>: the log-probability of each next token of a sequence.</summary>
internal static class LogProbsCommand
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Adapter());
        var file = new Option<string?>("--text-file") { Description = "A UTF-8 text" };
        var idsFile = new Option<string?>("--ids-file") { Description = "A JSON list of token ids" };
        var (batch, json) = (BatchInput.Option(), CommonOptions.Json());
        var command = new Command("logprobs", "Log-probability of each next token, natural log") { model, adapter, file, idsFile, batch, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var compute = new ComputeThread();
            await using var models = new ModelHost(compute);
            var loaded = await models.LoadAsync(parsed.GetValue(model)!);
            var lora = parsed.GetValue(adapter) is { } folder ? await models.LoadAdapterAsync(loaded, folder) : null;
            return await BatchInput.RunAsync(
                parsed,
                batch,
                json,
                () => parsed.GetValue(idsFile) is { } ids
                    ? BatchInput.FromFile("--ids-file", ids, "ids", parse: true)
                    : BatchInput.FromFile("--text-file or --ids-file", parsed.GetValue(file), "text", parse: false),
                async input =>
                {
                    int[] tokens = input.TryGetProperty("ids", out _) ? BatchInput.Ids(input, "ids") : loaded.Tokenizer.Encode(BatchInput.Text(input, "text"));
                    float[] logprobs = await compute.RunAsync(WorkPriority.Interactive, () => SequenceScorer.LogProbabilities(loaded.Decoder, lora, tokens), cancellationToken);
                    return new { tokens, logprobs };
                },
                x => string.Join('\n', x.logprobs.Select((value, i) => string.Create(CultureInfo.InvariantCulture, $"{x.tokens[i + 1]}\t{value:0.000000}"))));
        });
        return command;
    }
}
