using System.CommandLine;
using System.Text.Json;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Training.Cli;

/// <summary><c>generate</c>: continues a prompt, a conversation or token ids.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var (model, adapter) = (CommonOptions.Model(), CommonOptions.Adapter());
        var prompt = new Option<string?>("--prompt") { Description = "A user's message, or with --raw the text to continue" };
        var messages = new Option<string?>("--messages") { Description = "A JSON list of messages" };
        var idsFile = new Option<string?>("--ids-file") { Description = "A JSON list of token ids" };
        var raw = new Option<bool>("--raw") { Description = "Leaves the chat template out" };
        var (maxTokens, temperature, topP, seed) = (CommonOptions.MaxTokens(128), CommonOptions.Temperature(), CommonOptions.TopP(), CommonOptions.Seed());
        var (batch, json) = (BatchInput.Option(), CommonOptions.Json());
        var command = new Command("generate", "Generates an answer") { model, adapter, prompt, messages, idsFile, raw, maxTokens, temperature, topP, seed, batch, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var compute = new ComputeThread();
            await using var models = new ModelHost(compute);
            var loaded = await models.LoadAsync(parsed.GetValue(model)!);
            var lora = parsed.GetValue(adapter) is { } folder ? await models.LoadAdapterAsync(loaded, folder) : null;
            var options = new SamplingOptions(parsed.GetValue(temperature), parsed.GetValue(topP), parsed.GetValue(maxTokens));
            CommonOptions.Check(options);
            ulong drawn = (ulong)parsed.GetValue(seed);
            return await BatchInput.RunAsync(
                parsed,
                batch,
                json,
                () => Single(parsed, prompt, messages, idsFile),
                async input =>
                {
                    int[] ids = PromptIds(input, loaded, lora?.ReasoningEffort ?? default, parsed.GetValue(raw));
                    var completion = (await new BatchGenerator(compute).GenerateAsync(
                        loaded, lora, [ids], 1, options, (_, _, token) => CounterRandom.Uniform(drawn, RandomStream.Chat, (ulong)token), WorkPriority.Interactive, cancellationToken))[0][0];
                    return new { text = loaded.DecodeCompletion(completion.Tokens), tokens = completion.Tokens, logprobs = completion.LogProbabilities, finish_reason = completion.FinishReason };
                },
                x => x.text);
        });
        return command;
    }

    private static JsonElement Single(ParseResult parsed, Option<string?> prompt, Option<string?> messages, Option<string?> idsFile) =>
        parsed.GetValue(prompt) is { } text ? JsonSerializer.SerializeToElement(new { prompt = text })
        : parsed.GetValue(messages) is { } file ? BatchInput.FromFile("--messages", file, "messages", parse: true)
        : BatchInput.FromFile("--prompt, --messages or --ids-file", parsed.GetValue(idsFile), "ids", parse: true);

    private static int[] PromptIds(JsonElement input, LoadedModel model, ReasoningEffort effort, bool raw)
    {
        int[] ids = input.TryGetProperty("promptIds", out _) ? BatchInput.Ids(input, "promptIds")
            : input.TryGetProperty("messages", out _) ? model.EncodePrompt(BatchInput.Messages(input), effort)
            : input.TryGetProperty("ids", out _) ? BatchInput.Ids(input, "ids")
            : raw ? model.Tokenizer.Encode(BatchInput.Text(input, "prompt"))
            : model.EncodePrompt([new ChatMessage("user", BatchInput.Text(input, "prompt"))], effort);
        int context = model.Decoder.Config.ContextLength;
        return ids.Length == 0 || ids.Length >= context ? throw new UserInputException($"the prompt has {ids.Length} tokens; at least 1 and fewer than the model's context of {context} can be continued")
            : ids.FirstOrDefault(x => x < 0 || x >= model.Decoder.Config.VocabularySize, 0) is var wrong and not 0 ? throw new UserInputException($"token id {wrong} is outside the vocabulary")
            : ids;
    }
}
