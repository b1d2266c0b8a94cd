using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Datasets;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Datasets;

public sealed class DatasetScanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Scanning_finds_what_reading_finds()
    {
        var path = Write("train.jsonl", [.. Enumerable.Range(0, 300).Select(i => Line($"Question {i % 250} of the series about birds and trees?", i % 7 == 0 ? null : $"answer {i}")), "{}", "nothing"]);

        var (summary, _) = await DatasetScan.RunAsync(path, keepFirst: 3, cancellation: TestContext.Current.CancellationToken);
        var report = TrainingRecordReader.Read(path, TestContext.Current.CancellationToken);

        Assert.Equal((300, 2), (summary.Accepted, summary.RejectedCount));
        Assert.Equal(report.Rejected, summary.Rejected);
        Assert.Equal(report.Warnings, summary.Warnings);
        Assert.Equal(report.Accepted.Take(3).Select(record => (record.Id, record.Messages[0].Content)), summary.First.Select(record => (record.Id, record.Messages[0].Content)));
        Assert.Equal(["line-1", "line-2", "line-3"], summary.First.Select(record => record.Id));
    }

    [Fact]
    public async Task Duplicates_are_named_with_their_lines()
    {
        var path = Write(
            "train.jsonl",
            Line("What is the capital of France and how old is it?", "Paris"),
            Line("What is the capital of Spain and how old is it?", "Madrid"),
            Line("What is the capital of France and how old is it?", "Paris"),
            Line("What is the capital of France and how old is it?", "Lyon"),
            Line("what is the capital of Spain, and how old is it", "Madrid"));

        var warnings = (await DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken)).Training.Warnings;

        Assert.Contains("2 records are an exact duplicate of an earlier prompt (lines 3, 4; line 3 repeats line 1); 1 with another reference_answer (line 4).", warnings);
        Assert.Contains("1 record is a near-duplicate of an earlier prompt (line 5; line 5 is almost line 2).", warnings);
    }

    [Fact]
    public async Task Turns_keys_and_duplicates_are_counted()
    {
        var path = Write(
            "train.jsonl",
            """{"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"What is 1 + 1?"}],"reference_answer":"2","level":"easy","source":1}""",
            """{"messages":[{"role":"user","content":"What is 2 + 2?"},{"role":"assistant","content":"4"}],"level":"easy"}""",
            """{"messages":[{"role":"user","content":"What is 2 + 2?"}],"reference_answer":"4"}""",
            "{}");

        var contents = (await DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken)).Training.Contents!;

        Assert.Equal([("system", 1), ("user", 3)], contents.Roles.Select(role => (role.Key, role.Value)));
        Assert.Equal([("level", 2), ("source", 1)], contents.MetadataKeys.Select(key => (key.Key, key.Value)));
        Assert.Equal((2, 1, 0), (contents.WithReference, contents.ExactDuplicates, contents.NearDuplicates));
    }

    [Fact]
    public async Task Personal_data_and_mixed_languages_are_pointed_out_and_kept()
    {
        var path = Write(
            "train.jsonl",
            Line("What is the e-mail address in this letter: ann@example.com?", "x"),
            """{"messages":[{"role":"system","content":"You are a helpful assistant. Answer the question."},{"role":"user","content":"Wie viele Äpfel hat Tom, wenn er drei kauft und eine verschenkt?"}],"reference_answer":{"card":"4111 1111 1111 1111"}}""",
            """{"messages":[{"role":"user","content":"Who called?"}],"reference_answer":"x","notes":[{"phone":"+1-555-010-4477"}]}""");

        var summary = (await DatasetScan.RunAsync(path, cancellation: TestContext.Current.CancellationToken)).Training;

        Assert.Equal(3, summary.Accepted);
        Assert.Contains("Personal data: 1 record with what looks like e-mail addresses (line 1). Nothing was changed.", summary.Warnings);
        Assert.Contains("Personal data: 1 record with what looks like payment card numbers (line 2). Nothing was changed.", summary.Warnings);
        Assert.Contains("Personal data: 1 record with what looks like phone numbers (line 3). Nothing was changed.", summary.Warnings);
        Assert.Contains("1 record with mixed languages between the roles (line 2): in line 2 the system turn is in English and the user turn in German.", summary.Warnings);
    }

    [Fact]
    public async Task A_validation_prompt_that_is_trained_on_is_a_warning()
    {
        var training = Write("train.jsonl", Line("What is 12 + 7?", "19"), Line("What is the capital of France and how old is it?", "Paris"));
        var validation = Write("validation.jsonl", Line("What is 3 + 4?", "7"), "{}", Line("What is 12 + 7?", "19"), Line("what is the capital of France, and how old is it", "Paris"));

        var (summary, held) = await DatasetScan.RunAsync(training, validation, cancellation: TestContext.Current.CancellationToken);

        Assert.Contains(
            "Training and validation data overlap: 1 record of the validation data has the prompt of a training record (line 3) and 1 record of the validation data has nearly the prompt of one (line 4); validation line 3 is training line 1. The validation reward will be too good.",
            summary.Warnings);
        Assert.Equal((3, 1), (held!.Accepted, held.RejectedCount));
        Assert.DoesNotContain((await DatasetScan.RunAsync(training, Write("other.jsonl", Line("What is 3 + 4?", "7")), cancellation: TestContext.Current.CancellationToken)).Training.Warnings, warning => warning.Contains("overlap", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_are_counted_as_a_job_counts_them()
    {
        using var source = ModelSource.Open(BaseModels.Starter);
        var (tokenizer, template) = (source.ReadTokenizer(), source.ReadChatTemplate());
        var path = Write("train.jsonl", [.. Enumerable.Range(1, 200).Select(i => Line(string.Join(' ', Enumerable.Repeat($"word{i}", i)), "x"))]);
        var encoded = PromptEncoder.Encode(TrainingRecordReader.Read(path, TestContext.Current.CancellationToken).Accepted, tokenizer, template, maxPromptLength: 400, cancellation: TestContext.Current.CancellationToken);

        var summary = (await DatasetScan.RunAsync(path, tokens: new TokenLimit(tokenizer, template, 400), cancellation: TestContext.Current.CancellationToken)).Training;

        var tokens = summary.Tokens!;
        Assert.Equal((200, encoded.Dropped.Count, 400), (tokens.Count, tokens.Dropped, tokens.Limit));
        Assert.Equal(encoded.Prompts.Sum(prompt => (long)prompt.Ids.Length) + encoded.Dropped.Sum(prompt => (long)prompt.Length!.Value), tokens.Total);
        Assert.Equal(encoded.Prompts.Min(prompt => prompt.Ids.Length), tokens.Min);
        Assert.InRange(encoded.Dropped.Count, 11, 199);
        Assert.Contains(summary.Warnings, warning => warning.StartsWith($"{encoded.Dropped.Count} prompts longer than maxPromptLength (400 tokens) will be dropped (lines ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_template_that_refuses_a_conversation_names_its_line()
    {
        using var source = ModelSource.Open(BaseModels.Starter);
        var template = Training.Text.ChatTemplate.Parse("{% if messages[0].role == 'system' %}{{ raise_exception('no system turns here') }}{% endif %}x", "t", new Dictionary<string, string>());
        var path = Write("train.jsonl", Line("Hi", "x"), """{"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}],"reference_answer":"x"}""");

        var summary = (await DatasetScan.RunAsync(path, tokens: new TokenLimit(source.ReadTokenizer(), template, 400), cancellation: TestContext.Current.CancellationToken)).Training;

        Assert.Equal(1, summary.Tokens!.Count);
        Assert.Contains(summary.Warnings, warning => warning.StartsWith("1 prompt that the model's chat template does not take will be dropped (line 2); line 2: ", StringComparison.Ordinal) && warning.Contains("no system turns here", StringComparison.Ordinal));
    }

    private static string Line(string prompt, string? reference)
    {
        var record = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }) };
        if (reference is not null)
        {
            record["reference_answer"] = reference;
        }

        return record.ToJsonString();
    }

    private string Write(string name, params string[] lines) => _folder.Write(name, string.Join('\n', lines) + "\n");
}
