using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;
using RftConsole.Training.Text;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;
using RftConsole.Web.Security;

namespace RftConsole.Tests.Web.Security;

/// <summary>The whole life of an encrypted job in a console that trains and answers in earnest.</summary>
public sealed class EncryptedConsoleTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryFolder _root = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_root.Path, "data");

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_known_prompt_and_its_responses_are_in_no_file_of_an_encrypted_jobs_life(bool encrypted)
    {
        const string prompt = "Zanzibar has 3 pomegranates and buys 4 quokkas. How many does Zanzibar have?";
        const string reference = "the cerulean xylophone";
        await using ConsoleHarness console = await ConsoleHarness.StartRealAsync(_root);
        IEncryptionKeys keys = console.Services.GetRequiredService<IEncryptionKeys>();
        if (encrypted)
        {
            await keys.AddAsync(new("vault", KeyKind.Generated), Token);
            await keys.SetDefaultAsync("vault", Token);
        }

        UploadedDataSet set = await UploadAsync(console, prompt, reference);
        string id = await console.Jobs.CreateAsync(Job(set.File, encrypted ? "vault" : null), Token);
        JobDetails job = await console.WaitForAsync(id, details => details.Summary.Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Paused);
        Assert.Equal(JobStatus.Completed, job.Summary.Status);
        Assert.Equal(encrypted ? "vault" : null, job.EncryptionKey);
        Assert.Contains(job.Log, line => line.Message.Contains(prompt, StringComparison.Ordinal));

        RolloutPage rollouts = await console.Jobs.RolloutsAsync(new(id, Search: "QUOKKA"), Token);
        Assert.Equal(8, rollouts.Total);
        Assert.All(rollouts.Rows, rollout => Assert.Contains(prompt, rollout.RewardOutput, StringComparison.Ordinal));
        await UseAsync(console, Data, set, job, rollouts.Rows[0]);

        string[] texts = [prompt, reference, .. rollouts.Rows.Select(rollout => rollout.Completion).Where(text => text.Length >= 8).Distinct()];
        Assert.True(texts.Length > 2, "The model wrote nothing that can be looked for.");
        Assert.True(File.Exists(Path.Combine(Data, "console.db-wal")));
        // Without encryption each of them is found: the search itself works.
        Assert.All(texts, text => Assert.Equal(encrypted, DiskSearch.Find(Data, text).Count == 0));

        await console.Jobs.DeleteAsync(id, Token);
        Assert.False(Directory.Exists(Path.Combine(Data, "jobs", id)));
    }

    [Fact]
    public async Task A_locked_key_is_one_sentence_wherever_it_is_needed_and_unlocking_brings_all_back()
    {
        string id;
        string dataSet;
        await using (ConsoleHarness first = await ConsoleHarness.StartRealAsync(_root))
        {
            IEncryptionKeys made = first.Services.GetRequiredService<IEncryptionKeys>();
            await made.AddAsync(new("vault", KeyKind.Passphrase, Passphrase: Passphrase), Token);
            await made.SetDefaultAsync("vault", Token);
            UploadedDataSet set = await UploadAsync(first, "a secret prompt", "its answer");
            dataSet = set.Id;
            id = await first.Jobs.CreateAsync(Job(set.File, "vault"), Token);
            Assert.Equal(JobStatus.Completed, (await first.WaitForAsync(id, details => details.Summary.Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Paused)).Summary.Status);
        }

        await using ConsoleHarness console = await ConsoleHarness.StartRealAsync(_root);
        IEncryptionKeys keys = console.Services.GetRequiredService<IEncryptionKeys>();
        const string sentence = "The encryption key \"vault\" is locked: unlock it in Settings, under Encryption keys";
        Assert.False((await keys.ListAsync(Token))[0].Unlocked);
        JobDetails job = await console.JobAsync(id);
        Assert.All(job.Log, line => Assert.StartsWith(sentence, line.Message, StringComparison.Ordinal));
        Assert.StartsWith(sentence, (await Assert.ThrowsAsync<KeyUnavailableException>(() => console.Jobs.RolloutsAsync(new(id), Token))).Message, StringComparison.Ordinal);
        Assert.StartsWith(sentence, (await Assert.ThrowsAsync<KeyUnavailableException>(() => console.DataSets.FindCheckAsync(dataSet, Token))).Message, StringComparison.Ordinal);
        Assert.StartsWith(sentence, (await Assert.ThrowsAnyAsync<UserInputException>(() => UploadAsync(console, "p", "r"))).Message, StringComparison.Ordinal);
        string deployment = await console.Deployments.DeployAsync(new(id, "d", "", null, new Dictionary<string, string>()), Token);
        Assert.StartsWith(sentence, (await console.WaitForDeploymentAsync(deployment, DeploymentStatus.Failed)).Message, StringComparison.Ordinal);
        await console.Jobs.ProlongAsync(id, new(1, 3, false), Token);
        Assert.StartsWith(sentence, (await console.WaitForAsync(id, JobStatus.Paused)).Summary.Message, StringComparison.Ordinal);

        await keys.UnlockAsync("vault", Passphrase);
        await console.Jobs.ResumeAsync(id, Token);
        Assert.Equal(3, (await console.WaitForAsync(id, JobStatus.Completed)).Summary.StepsDone);
        Assert.NotEmpty((await console.Jobs.RolloutsAsync(new(id), Token)).Rows);
        Assert.Equal("a secret prompt number 0", (await console.DataSets.FindCheckAsync(dataSet, Token))!.Preview[0].Messages[0].Text);

        Assert.True(await keys.RotateAsync(new("vault", KeyKind.Passphrase, Passphrase: "an entirely new passphrase"), Token) >= 3);
        keys.Lock("vault");
        await Assert.ThrowsAsync<UserInputException>(() => keys.UnlockAsync("vault", Passphrase));
        await keys.UnlockAsync("vault", "an entirely new passphrase");
        Assert.NotEmpty((await console.Jobs.RolloutsAsync(new(id), Token)).Rows);
        await Assert.ThrowsAsync<UserInputException>(() => keys.DeleteAsync("vault", Token));
    }

    [Fact]
    public async Task A_data_set_that_an_encrypted_job_is_made_from_is_encrypted_too_with_all_that_the_database_keeps_of_it()
    {
        const string prompt = "Zanzibar has 3 pomegranates and buys 4 quokkas. How many does Zanzibar have?";
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await console.Services.GetRequiredService<IEncryptionKeys>().AddAsync(new("vault", KeyKind.Generated), Token);
        UploadedDataSet set = await UploadAsync(console, prompt, "its answer");
        IDataSetVersions versions = console.Services.GetRequiredService<IDataSetVersions>();
        set = await versions.EditAsync(set, 2, new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt + " (edited)" }), ["reference_answer"] = "7" }.ToJsonString(), Token);
        Assert.NotEmpty(DiskSearch.Find(Data, prompt));

        await console.Jobs.CreateAsync(Job(set.File, "vault"), Token);

        Assert.Empty(DiskSearch.Find(Data, prompt));
        Assert.Equal("vault", console.Services.GetRequiredService<IDataSetEncryption>().FindKey(set.Id));
        Assert.Equal($"{prompt} number 0", (await console.DataSets.FindCheckAsync(set.Id, Token))!.Preview[0].Messages[0].Text);
        Assert.Equal(prompt + " (edited)", (await console.DataSets.FindCheckAsync(set.Id, Token))!.Preview[1].Messages[0].Text);
        Assert.Contains(prompt, (await versions.ListAsync(set.Id, Token))[0].Edit!.Before, StringComparison.Ordinal);
        Assert.Contains(prompt, (await versions.ReadAsync(set, new("", false, 0, 5), Token)).Lines[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_set_that_is_there_already_is_encrypted_and_gets_another_key_without_a_plain_trace()
    {
        const string prompt = "Zanzibar has 5 mangosteens and buys 2 axolotls. How many does Zanzibar have?";
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IEncryptionKeys keys = console.Services.GetRequiredService<IEncryptionKeys>();
        IDataSetEncryption encryption = console.Services.GetRequiredService<IDataSetEncryption>();
        await keys.AddAsync(new("first", KeyKind.Generated), Token);
        await keys.AddAsync(new("second", KeyKind.Generated), Token);
        UploadedDataSet set = await UploadAsync(console, prompt, "its answer");
        Assert.NotEmpty(DiskSearch.Find(Data, prompt));
        List<double> shares = [];

        await encryption.EncryptAsync(set.Id, "first", new Shares(shares), Token);

        Assert.Empty(DiskSearch.Find(Data, prompt));
        Assert.Equal("first", encryption.FindKey(set.Id));
        Assert.Equal(1, shares[^1]);
        await encryption.EncryptAsync(set.Id, "second", cancellationToken: Token);
        Assert.Equal("second", encryption.FindKey(set.Id));
        Assert.Equal($"{prompt} number 0", (await console.DataSets.FindCheckAsync(set.Id, Token))!.Preview[0].Messages[0].Text);
        // The first key protects nothing any more.
        await keys.DeleteAsync("first", Token);
        await Assert.ThrowsAsync<UserInputException>(() => keys.DeleteAsync("second", Token));
    }

    [Fact]
    public async Task An_encryption_that_is_given_up_leaves_the_data_set_as_it_was()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await console.Services.GetRequiredService<IEncryptionKeys>().AddAsync(new("vault", KeyKind.Generated), Token);
        IDataSetEncryption encryption = console.Services.GetRequiredService<IDataSetEncryption>();
        UploadedDataSet set = await UploadAsync(console, "a plain prompt", "its answer");
        using CancellationTokenSource given = new();
        List<double> shares = [];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => encryption.EncryptAsync(set.Id, "vault", new Shares(shares, given.Cancel), given.Token));

        Assert.NotEmpty(shares);
        Assert.Null(encryption.FindKey(set.Id));
        Assert.Equal("a plain prompt number 0", (await console.DataSets.FindCheckAsync(set.Id, Token))!.Preview[0].Messages[0].Text);
        Assert.Empty(Directory.GetDirectories(Path.Combine(Data, "uploads")));
    }

    [Fact]
    public async Task An_encrypted_data_set_is_trained_on_by_an_encrypted_job_alone()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IEncryptionKeys keys = console.Services.GetRequiredService<IEncryptionKeys>();
        await keys.AddAsync(new("vault", KeyKind.Generated), Token);
        await keys.SetDefaultAsync("vault", Token);
        UploadedDataSet set = await UploadAsync(console, "a secret prompt", "its answer");

        FieldInputException refused = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(Job(set.File, null), Token));
        Assert.Equal("encryption", refused.Field);
        Assert.Contains("is encrypted: choose a key for the job too", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<FieldInputException>(() => console.Jobs.CreateAsync(Job(set.File, "no-such-key"), Token));
        Assert.StartsWith("Encryption: there is no encryption key \"no-such-key\"; there are vault", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(Data, "jobs")));
    }

    private static async Task<UploadedDataSet> UploadAsync(ConsoleHarness console, string prompt, string reference)
    {
        StringBuilder lines = new();
        for (int i = 0; i < 10; i++)
        {
            lines.Append(new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"{prompt} number {i}" }), ["reference_answer"] = reference }.ToJsonString()).Append('\n');
        }

        // A line that cannot be used is told of with an excerpt.
        lines.Append(new JsonObject { ["messages"] = prompt }.ToJsonString()).Append('\n');
        byte[] content = Encoding.UTF8.GetBytes(lines.ToString());
        IUploads uploads = console.Services.GetRequiredService<IUploads>();
        string id = await uploads.BeginAsync("known.jsonl", content.Length, Token);
        await uploads.AppendAsync(id, 0, new MemoryStream(content[..100]), Token);
        await uploads.AppendAsync(id, 100, new MemoryStream(content[100..]), Token);
        UploadedDataSet set = await console.DataSets.AddAsync(await uploads.CompleteAsync(id, Token), Token);
        uploads.Delete(id);
        return set;
    }

    /// <summary>What people do with a job, its data and its model.</summary>
    private static async Task UseAsync(ConsoleHarness console, string data, UploadedDataSet set, JobDetails job, Rollout rollout)
    {
        IDataSetVersions versions = console.Services.GetRequiredService<IDataSetVersions>();
        RecordLines found = await versions.ReadAsync(set, new("pomegranates", false, 0, 5), Token);
        UploadedDataSet edited = await versions.EditAsync(set, found.Lines[0].Number, found.Lines[0].Text.Replace("number 0", "number zero", StringComparison.Ordinal), Token);
        Assert.Equal(2, edited.Version);
        await console.DataSets.SplitAsync(set.Id, 0.2, 1, Token);
        IRewardTrial trial = console.Services.GetRequiredService<IRewardTrial>();
        await trial.DryRunAsync(new() { Template = "math-reasoning" }, new JobRollouts(job.Summary.Id, 1), null, null, Token);
        string reward = await console.Rewards.CreateAsync("grader", new() { Template = "math-reasoning" }, "", Token);
        await console.Examples.GradeAsync(reward, job.Summary.Id, rollout, 1, Token);
        await console.Examples.GradeAsync(reward, job.Summary.Id, rollout, 0, Token);
        Assert.Equal((rollout.Completion, 0), (await console.Examples.ListAsync(reward, Token)).Select(example => (example.Response, (int)example.Grade)).Single());

        CustomModel model = Assert.Single(await console.Models.ListAsync(Token));
        Assert.Equal(job.EncryptionKey, model.EncryptionKey);
        string deployment = await console.Deployments.DeployAsync(new(model.Id, "d", "", null, new Dictionary<string, string>()), Token);
        await console.WaitForDeploymentAsync(deployment, DeploymentStatus.Active);
        StringBuilder answer = new();
        await foreach (ChatPiece piece in console.Playground.StreamAsync("deployment:" + deployment, [new ChatMessage("user", rollout.Prompt)], new(0, 16, 1, 0), Token))
        {
            answer.Append(piece.Text);
        }

        Assert.NotEmpty(answer.ToString());
        ServedModel served = (await console.Services.GetRequiredService<ServedModels>().FindDeploymentAsync(deployment, Token))! with { LoggedDeployment = deployment };
        await foreach (ChatPiece piece in console.Services.GetRequiredService<InferenceHost>().StreamAsync(served, new([new ChatMessage("user", rollout.Prompt)], 16, 0, 1, 0), "test", Token))
        {
            answer.Append(piece.Text);
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "invocation-logs", deployment), "*.jsonl"));
    }

    private JobSpecification Job(string file, string? key) => new()
    {
        Name = "known",
        BaseModel = "starter",
        TrainingData = new() { File = file },
        ValidationData = new() { Share = 0.2 },
        RewardFunction = new()
        {
            File = _root.Write("reward.py", """
                def lambda_handler(event, context):
                    for s in event:
                        print(s["messages"][0]["content"], "|", s["messages"][-1]["content"], "|", s["reference_answer"])
                    return [{"id": s["id"], "aggregate_reward_score": len(s["messages"][-1]["content"]) % 3 / 3} for s in event]
                """),
        },
        Hyperparameters = new() { BatchSize = 2, TrainingSamplePerPrompt = 2, MaxSteps = 2, EvalInterval = 1, InferenceMaxTokens = 24 },
        Encryption = key is null ? null : new() { Key = key },
    };

    /// <summary>Keeps what it hears, on the spot.</summary>
    private sealed class Shares(List<double> heard, Action? then = null) : IProgress<double>
    {
        public void Report(double value)
        {
            heard.Add(value);
            then?.Invoke();
        }
    }
}
