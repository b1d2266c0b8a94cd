using System.Text.Json;

using RftConsole.Tests.Web.Fakes;

namespace RftConsole.Tests.Cli;

/// <summary>Commands as a script sees them: exit status, one line for what is wrong, and the shapes of --json.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> BadInput => new()
    {
        { "", "command" },
        { "nonsense", "nonsense" },
        { "train --job {folder}/none.json --output {folder}/out", "none.json: the file does not exist" },
        { "train --job {folder}/wrong.json --output {folder}/out", "wrong.json, hyperparameters.batchsize: unknown key" },
        { "train --job {folder}/wrong.json", "--output" },
        { "evaluate --model starter --data {folder}/none.jsonl --reward math-reasoning", "--data: " },
        { "evaluate --model starter --data {folder}/records.jsonl --reward math-reasoning --samples 0", "--samples: 0" },
        { "evaluate --model starter --data {folder}/records.jsonl --reward no-such", "'no-such'" },
        { "generate --model {folder}/none --prompt x", "base model" },
        { "generate --model starter", "--prompt" },
        { "generate --model starter --prompt x --temperature -1", "--temperature: -1" },
        { "generate --model starter --prompt x --temperature 1e-40", "--temperature" },
        { "generate --model starter --prompt x --top-p 0", "--top-p: 0" },
        { "generate --model starter --prompt x --max-tokens 0", "--max-tokens: 0" },
        { "generate --model starter --prompt x --adapter {folder}", "adapter_config.json: the file does not exist" },
        { "logprobs --model starter --ids-file {folder}/outside.json", "token id 99999 is outside" },
        { "logprobs --model starter --ids-file {folder}/empty.json", "0 tokens" },
        { "tokenize --model starter --text-file {folder}/none.txt", "--text-file: " },
        { "tokenize --model starter --batch {folder}/lists.jsonl", "lists.jsonl, line 2: must be an object" },
        { "tokenize --model starter --batch {folder}/wrong.json", "text: must be a string" },
        { "chat-template --model starter --messages {folder}/outside.json", "messages: " },
        { "chat-template --model starter --messages {folder}/lists.jsonl", "not JSON" },
        { "reward --reward math-reasoning --samples {folder}/none.jsonl", "none.jsonl" },
        { "validate --data {folder}/none.jsonl", "--data: " },
        { "validate --data {folder}/records.jsonl --validation {folder}/none.jsonl", "--validation: " },
        { "validate --data {folder}/records.jsonl --model {folder}/none", "base model" },
        { "validate --data {folder}/records.jsonl --model starter --max-prompt-length 0", "--max-prompt-length: 0" },
        { "validate --data {folder}", "--data: " },
        { "pretrain --recipe other --output {folder}/out", "--recipe" },
        { "bench gemm --repeat many", "many" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task Unusable_input_ends_with_status_2_and_one_line_that_names_it(string command, string named)
    {
        _folder.Write("wrong.json", """{"name":"n","baseModel":"starter","trainingData":{"sampleData":"arithmetic"},"rewardFunction":{"template":"math-reasoning"},"hyperparameters":{"batchsize":1}}""");
        _folder.Write("records.jsonl", """{"id":"a","messages":[{"role":"user","content":"What is 1 + 1?"}],"reference_answer":"2"}""");
        _folder.Write("outside.json", "[1, 99999]");
        _folder.Write("empty.json", "[]");
        _folder.Write("lists.jsonl", "{\"text\":\"a\"}\n[1]\n");

        var result = await Engine.RunAsync(command.Replace("{folder}", _folder.Path, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, Assert.Single(result.Errors), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenize_gives_ids_and_the_round_trip()
    {
        var result = await Engine.RunAsync("tokenize", "--model", "starter", "--text-file", _folder.Write("text.txt", "Emma has 6 boxes. ü\n"), "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["tokens", "text"], Keys(result.Json));
        Assert.Equal("Emma has 6 boxes. ü\n", result.Json.GetProperty("text").GetString());
        Assert.All(result.Json.GetProperty("tokens").EnumerateArray(), x => Assert.InRange(x.GetInt32(), 0, 1535));
    }

    [Fact]
    public async Task A_batch_gives_one_object_a_line_in_order()
    {
        var result = await Engine.RunAsync("tokenize", "--model", "starter", "--batch", _folder.Write("batch.jsonl", "{\"text\":\"one\"}\n\n{\"text\":\"two\"}\n"));

        Assert.Equal(["one", "two"], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => JsonElement.Parse(x).GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Chat_template_gives_the_prompt_and_its_tokens()
    {
        var result = await Engine.RunAsync("chat-template", "--model", "starter", "--messages", _folder.Write("messages.json", """[{"role":"user","content":"What is 1 + 1?"}]"""), "--json");
        var model = await TestEngine.Models.LoadAsync("starter");

        Assert.Equal(["text", "tokens"], Keys(result.Json));
        Assert.Contains("What is 1 + 1?", result.Json.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(model.EncodePrompt([new("user", "What is 1 + 1?")]), result.Json.GetProperty("tokens").EnumerateArray().Select(x => x.GetInt32()));
    }

    [Theory]
    [InlineData(false, "<|im_start|>assistant\n<think>\n\n</think>\n\n")]
    [InlineData(true, "<|im_start|>assistant\n")]
    public async Task Chat_template_takes_the_templates_own_variables(bool thinking, string ending)
    {
        string file = _folder.Write("messages.json", $$"""{"messages":[{"role":"user","content":"Hi"}],"chatTemplateKwargs":{"enable_thinking": {{(thinking ? "true" : "false")}} } }""");

        string text = (await Engine.RunAsync("chat-template", "--model", Goldens.ModelOf("tiny-qwen3"), "--messages", file, "--json")).Json.GetProperty("text").GetString()!;

        Assert.EndsWith("Hi<|im_end|>\n" + ending, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_template_says_which_field_is_not_what_it_must_be()
    {
        string file = _folder.Write("messages.json", """{"messages":[{"role":"user","content":"Hi"}],"tools":{"name":"add"}}""");

        var result = await Engine.RunAsync("chat-template", "--model", "starter", "--messages", file);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("tools: must be a list", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_generate_sampled_logprobs_scores_the_same()
    {
        var generated = (await Engine.RunAsync("generate", "--model", "starter", "--prompt", "What is 1 + 1?", "--max-tokens", "12", "--temperature", "1", "--seed", "7", "--json")).Json;
        Assert.Equal(["text", "tokens", "logprobs", "finish_reason"], Keys(generated));
        Assert.Contains(generated.GetProperty("finish_reason").GetString(), (string[])["stop", "length"]);
        int[] prompt = (await TestEngine.Models.LoadAsync("starter")).EncodePrompt([new("user", "What is 1 + 1?")]);
        int[] tokens = [.. generated.GetProperty("tokens").EnumerateArray().Select(x => x.GetInt32())];
        Assert.InRange(tokens.Length, 1, 12);

        var scored = (await Engine.RunAsync("logprobs", "--model", "starter", "--ids-file", _folder.Write("ids.json", JsonSerializer.Serialize<int[]>([.. prompt, .. tokens])), "--json")).Json;
        Assert.Equal(["tokens", "logprobs"], Keys(scored));
        double[] all = [.. scored.GetProperty("logprobs").EnumerateArray().Select(x => x.GetDouble())];
        Assert.Equal(prompt.Length + tokens.Length - 1, all.Length);
        Assert.All(all[(prompt.Length - 1)..].Zip(generated.GetProperty("logprobs").EnumerateArray().Select(x => x.GetDouble())), x => Assert.Equal(x.First, x.Second, 1e-4));
    }

    [Fact]
    public async Task Evaluate_gives_the_figures_and_a_row_for_each_completion()
    {
        string data = _folder.Write("records.jsonl", string.Concat(Enumerable.Range(1, 3).Select(i => $$"""{"id":"r{{i}}","messages":[{"role":"user","content":"What is {{i}} + 1?"}],"reference_answer":"{{i + 1}}"}""" + "\n")));
        var result = await Engine.RunAsync("evaluate", "--model", "starter", "--data", data, "--reward", "math-reasoning", "--max-tokens", "16", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["reward", "reward_std", "accuracy", "completions/mean_length", "count", "rows"], Keys(result.Json));
        var rows = result.Json.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(["r1", "r2", "r3"], rows.Select(x => x.GetProperty("id").GetString()));
        Assert.Equal(3, result.Json.GetProperty("count").GetInt32());
        Assert.Equal(rows.Average(x => x.GetProperty("reward").GetDouble()), result.Json.GetProperty("reward").GetDouble(), 1e-12);
        Assert.All(rows, x => Assert.Equal(JsonValueKind.String, x.GetProperty("completion").ValueKind));
    }

    private static IEnumerable<string> Keys(JsonElement json) => json.EnumerateObject().Select(x => x.Name);
}
