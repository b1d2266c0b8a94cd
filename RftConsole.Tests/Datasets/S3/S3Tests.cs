using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

using RftConsole.Tests.Cli;
using RftConsole.Tests.Datasets.InvocationLogs;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Jobs;
using RftConsole.Training.Network;

namespace RftConsole.Tests.Datasets.S3;

/// <summary>S3 against a real server of its protocol.</summary>
public sealed class S3Tests(S3ServerFixture server) : IClassFixture<S3ServerFixture>, IDisposable
{
    private const string Good = """{"messages":[{"role":"user","content":"What is 1 + 1?"}],"reference_answer":"2"}""";

    private readonly TemporaryFolder _folder = new();
    private readonly S3Store _store = new(server.Connection);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Buckets_and_folders_can_be_looked_through()
    {
        await PutAsync("s3://data/look/a.jsonl", "1");
        await PutAsync("s3://data/look/deep/b.jsonl", "22");

        Assert.Equal(["data", "other"], await _store.BucketsAsync(Cancellation));
        S3Listing listing = await _store.ListAsync(S3Address.Parse("s3://data/look/", "x"), Cancellation);
        Assert.Equal(["look/deep/"], listing.Folders);
        Assert.Equal([("look/a.jsonl", 1L)], listing.Objects.Select(entry => (entry.Key, entry.Bytes)));
        Assert.False(listing.More);
    }

    [Fact]
    public async Task All_objects_under_a_prefix_are_one_file_of_lines()
    {
        await PutAsync("s3://data/train/1.jsonl", Good);
        await PutAsync("s3://data/train/2.jsonl.gz", Compressed(Good.Replace("1 + 1", "2 + 2", StringComparison.Ordinal) + "\n"));
        await PutAsync("s3://data/train/deep/3.jsonl", Good.Replace("1 + 1", "3 + 3", StringComparison.Ordinal) + "\n");
        await PutAsync("s3://data/training.jsonl", Good);
        string file = Path.Combine(_folder.Path, "train.jsonl");

        foreach (string address in new[] { "s3://data/train/", "s3://data/train" })
        {
            IReadOnlyList<S3Address> objects = await S3Records.DownloadAsync(_store, S3Address.Parse(address, "x"), file, cancellation: Cancellation);

            Assert.Equal(["s3://data/train/1.jsonl", "s3://data/train/2.jsonl.gz", "s3://data/train/deep/3.jsonl"], objects.Select(found => found.ToString()));
            Assert.Equal(["1 + 1", "2 + 2", "3 + 3"], File.ReadAllLines(file).Select(line => line.Substring(Good.IndexOf("1 + 1", StringComparison.Ordinal), 5)));
            Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path).Where(path => path.Contains("train.jsonl", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_download_goes_on_where_it_was_cut_off()
    {
        byte[] content = RandomNumberGenerator.GetBytes(7 * S3Download.PartBytes + 12_345);
        await PutAsync("s3://data/large.bin", content);
        S3Address address = S3Address.Parse("s3://data/large.bin", "x");
        string file = Path.Combine(_folder.Path, "large.bin");
        using CancellationTokenSource cut = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.DownloadAsync(
            address,
            file,
            (bytes, _) =>
            {
                if (bytes >= S3Download.PartBytes)
                {
                    cut.Cancel();
                }
            },
            cut.Token));
        Assert.False(File.Exists(file));

        List<long> progress = [];
        await _store.DownloadAsync(address, file, (bytes, _) => progress.Add(bytes), Cancellation);

        Assert.InRange(progress[0], S3Download.PartBytes, content.Length - 1);
        Assert.Equal(content.Length, progress[^1]);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(file, Cancellation)));
        Assert.Equal([file], Directory.GetFiles(_folder.Path, "large.bin*"));
    }

    [Fact]
    public async Task Connections_that_break_again_and_again_cost_only_the_rest_of_each_part()
    {
        byte[] content = RandomNumberGenerator.GetBytes(2 * S3Download.PartBytes + 999);
        await PutAsync("s3://data/cut.bin", content);
        string file = Path.Combine(_folder.Path, "cut.bin");
        await using CuttingProxy proxy = new(server.Endpoint) { CutEvery = 3 << 20 };
        using S3Store store = new(server.Connection with { Endpoint = proxy.Address });

        await store.DownloadAsync(S3Address.Parse("s3://data/cut.bin", "x"), file, cancellation: Cancellation);

        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(file, Cancellation)));
        // No connection lasts for a whole part: begun anew each time, it would never be whole.
        Assert.InRange(proxy.Cuts, 4, int.MaxValue);
    }

    [Fact]
    public async Task Of_several_objects_only_those_that_changed_since_are_fetched_anew()
    {
        foreach (int number in new[] { 1, 2, 3 })
        {
            await PutAsync($"s3://data/several/{number}.jsonl", Good);
        }

        S3Address address = S3Address.Parse("s3://data/several/", "x");
        string folder = Path.Combine(_folder.Path, "several");
        await S3Records.DownloadFolderAsync(_store, address, folder, cancellation: Cancellation);
        File.WriteAllText(Path.Combine(folder, "1.jsonl"), "kept");
        await PutAsync("s3://data/several/2.jsonl", Good.Replace("1 + 1", "7 + 7", StringComparison.Ordinal));

        IReadOnlyList<(S3Address, string Path)> again = await S3Records.DownloadFolderAsync(_store, address, folder, cancellation: Cancellation);

        Assert.Equal(["kept", Good.Replace("1 + 1", "7 + 7", StringComparison.Ordinal), Good], again.Select(found => File.ReadAllText(found.Path)));
        S3Records.Delete(folder);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path, "several*"));
    }

    [Fact]
    public async Task An_object_that_changed_is_downloaded_anew()
    {
        S3Address address = S3Address.Parse("s3://data/changing.bin", "x");
        string file = Path.Combine(_folder.Path, "changing.bin");
        await PutAsync(address.ToString(), RandomNumberGenerator.GetBytes(2 * S3Download.PartBytes));
        using CancellationTokenSource cut = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.DownloadAsync(address, file, (bytes, _) => Task.Run(bytes >= S3Download.PartBytes ? cut.Cancel : () => { }).Wait(Cancellation), cut.Token));

        byte[] other = RandomNumberGenerator.GetBytes(2 * S3Download.PartBytes);
        await PutAsync(address.ToString(), other);
        await _store.DownloadAsync(address, file, cancellation: Cancellation);

        Assert.Equal(SHA256.HashData(other), SHA256.HashData(await File.ReadAllBytesAsync(file, Cancellation)));
    }

    [Fact]
    public async Task What_cannot_be_reached_is_one_line_that_says_why()
    {
        string file = Path.Combine(_folder.Path, "x");
        Assert.Contains("s3://data/none.jsonl: there is no such object", await RefusedAsync(server.Connection, "s3://data/none.jsonl"), StringComparison.Ordinal);
        Assert.Contains("s3://nowhere/x: there is no such bucket", await RefusedAsync(server.Connection, "s3://nowhere/x"), StringComparison.Ordinal);
        Assert.Contains("the access key id is not known", await RefusedAsync(server.Connection with { AccessKeyId = "nobody" }, "s3://data/x"), StringComparison.Ordinal);
        Assert.Contains("secret access key is there without its access key id", await RefusedAsync(server.Connection with { AccessKeyId = null }, "s3://data/x"), StringComparison.Ordinal);
        Assert.Contains("there is no profile \"nobody-has-it\"", await RefusedAsync(new() { Profile = "nobody-has-it" }, "s3://data/x"), StringComparison.Ordinal);
        Assert.Contains("is no address such as", await RefusedAsync(server.Connection with { Endpoint = "localhost" }, "s3://data/x"), StringComparison.Ordinal);
        Assert.Contains("is no address such as s3://", await RefusedAsync(server.Connection, "http://data/x"), StringComparison.Ordinal);
        Assert.Contains("cannot be reached", await RefusedAsync(server.Connection with { Endpoint = "http://127.0.0.1:1" }, "s3://data/x"), StringComparison.Ordinal);

        async Task<string> RefusedAsync(S3Connection connection, string address) => (await Assert.ThrowsAsync<UserInputException>(async () =>
        {
            using S3Store store = new(connection);
            await S3Records.DownloadAsync(store, S3Address.Parse(address, "trainingData.s3Uri"), file, cancellation: Cancellation);
        })).Message;
    }

    [Fact]
    public async Task Public_objects_need_no_keys()
    {
        await PutAsync("s3://data/public.jsonl", Good);
        using S3Store anonymous = new(server.Connection with { AccessKeyId = null, SecretAccessKey = null, Anonymous = true });

        Assert.Equal("s3://data/public.jsonl", (await S3Records.DownloadAsync(anonymous, S3Address.Parse("s3://data/public.jsonl", "x"), Path.Combine(_folder.Path, "p.jsonl"), cancellation: Cancellation)).Single().ToString());
    }

    [Fact]
    public void The_environment_says_how_the_commands_reach_s3()
    {
        Dictionary<string, string> variables = new() { ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9000", ["AWS_ACCESS_KEY_ID"] = "a", ["AWS_SECRET_ACCESS_KEY"] = "b", ["AWS_REGION"] = "eu-central-1" };

        Assert.Equal(
            new() { Endpoint = "http://127.0.0.1:9000", PathStyle = true, AccessKeyId = "a", SecretAccessKey = "b", Region = "eu-central-1" },
            S3Connection.FromEnvironment(variables.GetValueOrDefault));
        Assert.False(S3Connection.FromEnvironment(_ => null).PathStyle);
        Assert.Contains("RFTCONSOLE_S3_ANONYMOUS is \"perhaps\"", Assert.Throws<UserInputException>(() => S3Connection.FromEnvironment(name => name == "RFTCONSOLE_S3_ANONYMOUS" ? "perhaps" : null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_trains_on_a_bucket_and_writes_its_results_to_one()
    {
        string records = string.Concat(Enumerable.Range(1, 12).Select(i => $$"""{"messages":[{"role":"user","content":"Tom has {{i}} apples and buys 4 more. How many apples does he have?"}],"reference_answer":"{{i + 4}}"}""" + "\n"));
        await PutAsync("s3://data/job/train.jsonl", records);
        string job = _folder.Write("job.json", """
            {"name":"bucket","baseModel":"starter","trainingData":{"s3Uri":"s3://data/job/train.jsonl"},"validationData":{"share":0.25},"rewardFunction":{"template":"math-reasoning"},
             "hyperparameters":{"maxSteps":1,"batchSize":2,"trainingSamplePerPrompt":2},"outputData":{"s3Uri":"s3://other/results/bucket/"}}
            """);
        string output = Path.Combine(_folder.Path, "out");

        EngineResult result = await Engine.RunAsync(
            new Dictionary<string, string> { ["AWS_ENDPOINT_URL_S3"] = server.Endpoint, ["AWS_ACCESS_KEY_ID"] = "S3RVER", ["AWS_SECRET_ACCESS_KEY"] = "S3RVER" }, "train", "--job", job, "--output", output, "--json");

        Assert.True(result.ExitCode == 0, string.Join('\n', result.Errors));
        Assert.Equal(records, await File.ReadAllTextAsync(Path.Combine(output, "training-data.jsonl"), Cancellation));
        IReadOnlyList<S3Entry> written = await _store.FindAsync(S3Address.Parse("s3://other/results/bucket/", "x"), Cancellation);
        Assert.Equal(
            ["adapter/adapter_config.json", "adapter/adapter_model.safetensors", "job.json", "metrics.jsonl", "rollouts.jsonl", "step_wise_training_metrics.csv", "validation_metrics.csv"],
            written.Select(entry => entry.Key["results/bucket/".Length..]));
        await _store.DownloadAsync(S3Address.Parse("s3://other/results/bucket/adapter/adapter_model.safetensors", "x"), Path.Combine(_folder.Path, "back"), cancellation: Cancellation);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(output, "adapter", "adapter_model.safetensors"), Cancellation), await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "back"), Cancellation));
    }

    [Fact]
    public async Task Invocation_logs_of_a_bucket_become_training_records()
    {
        await PutAsync("s3://data/logs/2026/11/a.json.gz", Compressed(InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1") + "\n"));
        await PutAsync("s3://data/logs/2026/12/a.json", InvocationLogConverterTests.Log("What is 2 + 2?", "4", "r2") + "\n{}\n");
        List<JobEvent> events = [];
        JobSources sources = new(new(Path.Combine(_folder.Path, "job")), server.Connection, OutboundPolicy.Unrestricted, e =>
        {
            events.Add(e);
            return ValueTask.CompletedTask;
        });

        JobSpecification job = await sources.FetchAsync(
            new() { Name = "n", BaseModel = "starter", RewardFunction = new() { Template = "math-reasoning" }, TrainingData = new() { InvocationLogs = new() { Path = "s3://data/logs/", UsePromptResponse = true } } }, Cancellation);

        Assert.Equal(2, File.ReadLines(job.TrainingData.File!).Count());
        Assert.Contains(events, e => e is JobWarning { Message: var message } && message.StartsWith("2026/12/a.json, line 2: ", StringComparison.Ordinal));
        Assert.Equal([job.TrainingData.File], Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "job")));
    }

    private static byte[] Compressed(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private Task PutAsync(string address, string content) => PutAsync(address, Encoding.UTF8.GetBytes(content));

    private async Task PutAsync(string address, byte[] content) => await _store.UploadAsync(_folder.Write(Guid.NewGuid().ToString("N"), content), S3Address.Parse(address, "x"), Cancellation);
}
