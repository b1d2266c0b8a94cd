using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using OpenAI;
using OpenAI.Chat;
using OpenAI.Files;
using OpenAI.FineTuning;

using RftConsole.Training.Starter;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

#pragma warning disable OPENAI001 // The package calls its fine-tuning client experimental.

namespace RftConsole.Tests.Web.Api;

/// <summary>Clients that others wrote go through the whole life of a job, from the upload to the tuned model's answer.</summary>
[Collection(ApiConsoleCollection.Name)]
public sealed class OfficialClientTests(ApiConsole console)
{
    private const string RewardName = "gsm8k-reward-function";
    private const string RewardArn = "arn:aws:lambda:us-west-2:123456789012:function:" + RewardName;

    /// <summary>Grades as the published reward functions do: the whole batch, the reference in either place.</summary>
    private const string RewardSource = """
        def lambda_handler(event, context):
            return [{"id": entry["id"], "aggregate_reward_score": float(str(entry["reference_answer"]) in entry["messages"][-1]["content"])} for entry in event]
        """;

    [Theory]
    [InlineData("/v1")]
    [InlineData("/openai/v1")]
    public async Task The_original_notebooks_calls_all_answer_with_nothing_changed_but_address_and_key(string prefix)
    {
        await LibraryFunctionAsync();
        string file = console.Write($"train{prefix.Length}.jsonl", string.Join('\n', File.ReadLines(SampleDataSets.All[0].TrainingFile).Take(24)));

        JsonElement seen = await OpenAiScript.RunAsync("notebook.mjs", console.Address + prefix, ApiConsole.Key, file, "openai.gpt-oss-20b", RewardArn);

        JsonElement ended = seen.GetProperty("ended");
        string id = ended.GetProperty("id").GetString()!;
        Assert.Equal("succeeded", ended.GetProperty("status").GetString());
        Assert.Equal("starter", ended.GetProperty("model").GetString());
        Assert.Equal(seen.GetProperty("uploaded").GetProperty("id").GetString(), ended.GetProperty("training_file").GetString());
        Assert.Equal(RewardArn, ended.GetProperty("method").GetProperty("reinforcement").GetProperty("grader").GetProperty("lambda").GetProperty("function").GetString());
        Assert.True(ended.GetProperty("trained_tokens").GetInt64() > 0);
        Assert.Contains(seen.GetProperty("described").EnumerateArray(), job => job.GetProperty("id").GetString() == id);
        Assert.Equal("processed", seen.GetProperty("file").GetProperty("status").GetString());

        // What the notebook draws is there for every step.
        int steps = seen.GetProperty("curves").GetProperty("step").GetArrayLength();
        Assert.True(steps > 1);
        Assert.All(seen.GetProperty("curves").EnumerateObject(), curve => Assert.All(curve.Value.EnumerateArray(), value => Assert.Equal(JsonValueKind.Number, value.ValueKind)));
        Assert.Equal(Enumerable.Range(1, steps).Reverse(), seen.GetProperty("curves").GetProperty("step").EnumerateArray().Select(step => step.GetInt32()));
        Assert.Contains(seen.GetProperty("events").EnumerateArray(), entry => entry.GetProperty("message").GetString()!.StartsWith("There is no model openai.gpt-oss-20b", StringComparison.Ordinal));
        Assert.NotEmpty(seen.GetProperty("checkpoints").EnumerateArray());
        Assert.NotEmpty(seen.GetProperty("answer").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);

        // The same job is on the console's pages, with the version of the library that graded it.
        JobDetails job = (await console.Services.GetRequiredService<IJobs>().FindAsync(id, TestContext.Current.CancellationToken))!;
        Assert.Equal((JobStatus.Completed, ended.GetProperty("fine_tuned_model").GetString()), (job.Summary.Status, job.Summary.CustomModelName));
        Assert.Equal(RewardName, (await console.Services.GetRequiredService<IRewardLibrary>().UsedByAsync(id, TestContext.Current.CancellationToken))?.Name);
    }

    [Fact]
    public async Task The_npm_client_streams_pages_steers_jobs_tries_graders_and_reads_refusals()
    {
        JsonElement seen = await OpenAiScript.RunAsync("calls.mjs", console.Address + "/v1", ApiConsole.Key, "starter");

        Assert.True(seen.GetProperty("content").GetBoolean());
        Assert.Equal(1, seen.GetProperty("graded").GetProperty("reward").GetDouble());
        string[] jobs = [.. seen.GetProperty("jobs").EnumerateArray().Select(job => job.GetString()!)];
        Assert.Equal(("paused", "cancelled", "queued"), (Status("paused"), Status("cancelled"), Status("resumed")));
        Assert.Equal([jobs[2], jobs[1]], Texts("teamB"));
        Assert.Equal(jobs.Reverse(), Texts("paged").Take(3));

        JsonElement choices = seen.GetProperty("whole").GetProperty("choices");
        string[] whole = [.. choices.EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!)];
        Assert.Equal(whole, Texts("streamed"));
        Assert.Equal(choices.EnumerateArray().Select(choice => choice.GetProperty("finish_reason").GetString()!), Texts("reasons"));
        Assert.Equal(seen.GetProperty("whole").GetProperty("usage").GetRawText(), seen.GetProperty("usage").GetRawText());
        Assert.Equal(whole[0], seen.GetProperty("accumulated").GetString());
        Assert.DoesNotContain(' ', seen.GetProperty("stopped").GetString()!);
        // The end token is a token of the answer, and no text of it.
        JsonElement[] tokens = [.. choices[0].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.StartsWith(whole[0], string.Concat(tokens.Select(token => token.GetProperty("token").GetString())), StringComparison.Ordinal);
        Assert.All(tokens, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));

        Assert.Contains("starter", Texts("models"));
        Assert.Equal((404, "model", "model_not_found"), Refusal("noModel"));
        Assert.Equal((400, "messages[0].role", "invalid_value"), Refusal("noRole"));
        Assert.Equal((400, "method.reinforcement.grader.type", "invalid_value"), Refusal("noGrader"));
        Assert.Equal((400, "training_file", "file_not_found"), Refusal("noFile"));
        Assert.Equal((404, "fine_tuning_job_id", "not_found"), Refusal("noJob"));
        Assert.Equal((401, null, "invalid_api_key"), Refusal("noKey"));
        Assert.Equal((404, "file_id", "not_found"), Refusal("gone"));

        string? Status(string name) => seen.GetProperty(name).GetProperty("status").GetString();
        string[] Texts(string name) => [.. seen.GetProperty(name).EnumerateArray().Select(entry => entry.GetString()!)];
        (int, string?, string?) Refusal(string name) => (seen.GetProperty(name).GetProperty("status").GetInt32(), seen.GetProperty(name).GetProperty("param").GetString(), seen.GetProperty(name).GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_nuget_client_goes_from_upload_to_the_tuned_models_answer()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        OpenAIClientOptions options = new() { Endpoint = new Uri(console.Address + "/v1"), RetryPolicy = new ClientRetryPolicy(0) };
        OpenAIClient client = new(new ApiKeyCredential(ApiConsole.Key), options);
        byte[] records = Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(SampleDataSets.All[0].TrainingFile).Take(16)));
        OpenAIFile file = (await client.GetOpenAIFileClient().UploadFileAsync(new MemoryStream(records), "from-nuget.jsonl", FileUploadPurpose.FineTune, cancellation)).Value;
        JsonObject body = new()
        {
            ["model"] = "starter",
            ["training_file"] = file.Id,
            ["method"] = new JsonObject
            {
                ["type"] = "reinforcement",
                ["reinforcement"] = new JsonObject
                {
                    ["grader"] = new JsonObject { ["type"] = "python", ["name"] = "short", ["source"] = "def grade(sample, item):\n    return 1 / (1 + len(sample['output_text']))" },
                    ["hyperparameters"] = new JsonObject { ["batch_size"] = 4, ["maxSteps"] = 2, ["eval_interval"] = 1 },
                },
            },
        };
        FineTuningClient tuning = client.GetFineTuningClient();

        FineTuningJob job = await tuning.FineTuneAsync(BinaryContent.Create(BinaryData.FromString(body.ToJsonString())), waitUntilCompleted: false, new RequestOptions { CancellationToken = cancellation });
        await job.WaitForCompletionAsync(cancellation);

        Assert.Equal(FineTuningStatus.Succeeded, job.Status);
        List<FineTuningEvent> events = [];
        await foreach (FineTuningEvent entry in job.GetEventsAsync(new(), cancellation))
        {
            events.Add(entry);
        }

        Assert.Contains(events, entry => entry.Message.StartsWith("Step 2/2", StringComparison.Ordinal));
        List<string> checkpoints = [];
        await foreach (FineTuningCheckpoint checkpoint in job.GetCheckpointsAsync(new(), cancellation))
        {
            checkpoints.Add(checkpoint.ModelId);
        }

        Assert.Equal(2, checkpoints.Count);
        foreach (string model in (string[])[job.Value!, .. checkpoints])
        {
            ChatCompletion whole = (await client.GetChatClient(model).CompleteChatAsync([ChatMessage.CreateUserMessage("What is 2 + 2?")], new() { Temperature = 0, MaxOutputTokenCount = 16 }, cancellation)).Value;
            StringBuilder streamed = new();
            await foreach (StreamingChatCompletionUpdate update in client.GetChatClient(model).CompleteChatStreamingAsync([ChatMessage.CreateUserMessage("What is 2 + 2?")], new() { Temperature = 0, MaxOutputTokenCount = 16 }, cancellation))
            {
                streamed.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            }

            Assert.Equal(whole.Content[0].Text, streamed.ToString());
            Assert.True(whole.Usage.OutputTokenCount > 0);
        }
    }

    /// <summary>Both prefixes share the console, and the function.</summary>
    private async Task LibraryFunctionAsync()
    {
        IRewardLibrary library = console.Services.GetRequiredService<IRewardLibrary>();
        if (await library.FindByNameAsync(RewardName, TestContext.Current.CancellationToken) is null)
        {
            string source = await console.Services.GetRequiredService<IRewardCode>().KeepAsync(RewardSource, TestContext.Current.CancellationToken);
            await library.CreateAsync(RewardName, new() { File = source }, "", TestContext.Current.CancellationToken);
        }
    }
}
