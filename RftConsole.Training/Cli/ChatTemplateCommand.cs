using System.CommandLine;
using System.Text.Json;

using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>chat-template</c>: a conversation as the model sees it.</summary>
internal static class ChatTemplateCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var file = new Option<string?>("--messages") { Description = "A JSON list of messages, or an object with messages, tools, chatTemplateKwargs, addGenerationPrompt" };
        var (batch, json) = (BatchInput.Option(), CommonOptions.Json());
        var command = new Command("chat-template", "Renders a conversation by the model's chat template") { model, file, batch, json };
        command.SetAction((parsed, _) =>
        {
            using var source = ModelSource.Open(parsed.GetValue(model)!);
            var tokenizer = source.ReadTokenizer();
            var template = source.ReadChatTemplate();
            return BatchInput.RunAsync(
                parsed,
                batch,
                json,
                () => BatchInput.FromFile("--messages", parsed.GetValue(file), "messages", parse: true),
                input =>
                {
                    bool prompt = !input.TryGetProperty("addGenerationPrompt", out var add) || add.ValueKind != JsonValueKind.False;
                    string text = template.Render(BatchInput.Messages(input), prompt, BatchInput.Tools(input), BatchInput.TemplateVariables(input));
                    return Task.FromResult(new { text, tokens = tokenizer.Encode(text) });
                },
                x => x.text);
        });
        return command;
    }
}
