using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Tests.Browser;

/// <summary>One console for all flows that begin where training has ended: two real jobs of two epochs on the same data set, which differ in their learning rate.</summary>
public sealed class TrainedConsoleFixture : IAsyncLifetime
{
    /// <summary>The data set of both jobs.</summary>
    internal const string DataSet = "apples.jsonl";

    private const string Key = "key-of-the-trained-console";

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("rftconsole-trained-").FullName;
    private ConsoleProcess? _console;

    internal string Address => _console!.Address;

    /// <summary>The job that learns slowly.</summary>
    internal TrainedJob Slow { get; private set; } = null!;

    /// <summary>The job that learns fast.</summary>
    internal TrainedJob Fast { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _console = await ConsoleProcess.StartAsync(_dataFolder, ("RFTCONSOLE_API_KEY", Key));
        using HttpClient client = new() { BaseAddress = new Uri($"{Address}/v1/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        string file = await UploadAsync(client);
        string slow = await StartAsync(client, file, "slow", 0.001), fast = await StartAsync(client, file, "fast", 0.003);
        (Slow, Fast) = (await EndedAsync(client, slow), await EndedAsync(client, fast));
    }

    public async ValueTask DisposeAsync()
    {
        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        Directory.Delete(_dataFolder, recursive: true);
    }

    private static async Task<string> UploadAsync(HttpClient client)
    {
        IEnumerable<string> records = Enumerable.Range(2, 128).Select(count =>
            $$"""{"messages":[{"role":"user","content":"Tom has {{count}} apples and buys {{count + 1}} more. How many apples does Tom have now?"}],"reference_answer":"{{(2 * count) + 1}}","id":"r{{count}}"}""");
        using MultipartFormDataContent form = new()
        {
            { new StringContent("fine-tune"), "purpose" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', records))), "file", DataSet },
        };
        return (await ReadAsync(await client.PostAsync("files", form))).GetProperty("id").GetString()!;
    }

    private static async Task<string> StartAsync(HttpClient client, string file, string suffix, double learningRate)
    {
        JsonObject job = new()
        {
            ["model"] = "starter",
            ["training_file"] = file,
            ["suffix"] = suffix,
            ["seed"] = 7,
            ["method"] = new JsonObject
            {
                ["type"] = "reinforcement",
                ["reinforcement"] = new JsonObject
                {
                    ["grader"] = new JsonObject { ["type"] = "lambda", ["lambda"] = new JsonObject { ["function"] = "math-reasoning" } },
                    ["hyperparameters"] = new JsonObject { ["batchSize"] = 16, ["trainingSamplePerPrompt"] = 4, ["inferenceMaxTokens"] = 32, ["evalInterval"] = 4, ["n_epochs"] = 2, ["learningRate"] = learningRate },
                },
            },
        };
        return (await ReadAsync(await client.PostAsJsonAsync("fine_tuning/jobs", job))).GetProperty("id").GetString()!;
    }

    /// <summary>Asks until the job has ended, as clients of this API do.</summary>
    private static async Task<TrainedJob> EndedAsync(HttpClient client, string id)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(0.5));
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(4));
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            JsonElement job = await ReadAsync(await client.GetAsync($"fine_tuning/jobs/{id}", limit.Token));
            string status = job.GetProperty("status").GetString()!;
            if (status is not ("validating_files" or "queued" or "running"))
            {
                Assert.Equal("succeeded", status);
                return new(id, job.GetProperty("fine_tuned_model").GetString()!);
            }
        }

        throw new InvalidOperationException("The timer has ended.");
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage reply)
    {
        string body = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }
}

/// <summary>A job that has succeeded.</summary>
/// <param name="Id">Of the job and of its model.</param>
/// <param name="Name">Of the job and of its model.</param>
internal sealed record TrainedJob(string Id, string Name);
