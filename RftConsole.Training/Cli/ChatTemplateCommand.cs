using System.CommandLine;
using System.Text.Json;

using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Training.Cli;

/// <summary><c>chat-template</c>: a conversation as the model sees it.</summary>
internal static class ChatTemplateCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var file = new Option<string?>("--messages") { Description = "A JSON list of messages" };
        var (batch, json) = (BatchInput.Option(), CommonOptions.Json());
        var command = new Command("chat-template", "Renders a conversation by the model's chat template") { model, file, batch, json };
        command.SetAction((parsed, _) =>
        {
            string folder = BaseModels.FolderOf(parsed.GetValue(model)!);
            var tokenizer = Tokenizer.Load(folder);
            var template = ChatTemplate.Load(folder);
            return BatchInput.RunAsync(
                parsed,
                batch,
                json,
                () => BatchInput.FromFile("--messages", parsed.GetValue(file), "messages", parse: true),
                input =>
                {
                    bool prompt = !input.TryGetProperty("addGenerationPrompt", out var add) || add.ValueKind != JsonValueKind.False;
                    string text = template.Render(BatchInput.Messages(input), prompt);
                    return Task.FromResult(new { text, tokens = tokenizer.Encode(text) });
                },
                x => x.text);
        });
        return command;
    }
}
