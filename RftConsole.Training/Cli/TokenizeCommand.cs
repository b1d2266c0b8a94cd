using System.CommandLine;

using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>tokenize</c>: token ids of a text, and the text of the ids.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var file = new Option<string?>("--text-file") { Description = "A UTF-8 text" };
        var special = new Option<bool>("--add-special-tokens") { Description = "Applies the tokenizer's post-processor" };
        var (batch, json) = (BatchInput.Option(), CommonOptions.Json());
        var command = new Command("tokenize", "Token ids of a text and the round trip") { model, file, special, batch, json };
        command.SetAction((parsed, _) =>
        {
            using var source = ModelSource.Open(parsed.GetValue(model)!);
            var tokenizer = source.ReadTokenizer();
            return BatchInput.RunAsync(
                parsed,
                batch,
                json,
                () => BatchInput.FromFile("--text-file", parsed.GetValue(file), "text", parse: false),
                input =>
                {
                    int[] tokens = tokenizer.Encode(BatchInput.Text(input, "text"), parsed.GetValue(special));
                    return Task.FromResult(new { tokens, text = tokenizer.Decode(tokens) });
                },
                x => string.Join(' ', x.tokens));
        });
        return command;
    }
}
