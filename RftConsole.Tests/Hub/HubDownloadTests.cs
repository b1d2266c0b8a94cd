using Microsoft.AspNetCore.Http;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Hub;

/// <summary>Downloads over real connections from a hub of this process.</summary>
public sealed class HubDownloadTests : IDisposable
{
    private const string Weights = "model.safetensors";

    private readonly TemporaryFolder _root = new();
    private readonly ImpatientTime _time = new();

    private string Target => Path.Combine(_root.Path, "model");

    [Fact]
    public async Task Only_the_files_that_are_needed_arrive_whole_and_at_the_pinned_commit()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        hub.Files["pytorch_model.bin"] = [1];
        hub.Files["README.md"] = [2];
        hub.Files["consolidated.safetensors"] = [3];

        HubDownloaded downloaded = await DownloadAsync(hub);

        Assert.Equal((LocalHub.Commit, "mit", null), (downloaded.Model.Commit, downloaded.Model.Licence, downloaded.File));
        Assert.Equal(["chat_template.jinja", "config.json", "generation_config.json", Weights, "tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(Target), file => Assert.Equal(hub.Files[Path.GetFileName(file)], File.ReadAllBytes(file)));
        Assert.All(hub.Requests.Where(request => request.Contains("/resolve/", StringComparison.Ordinal)), request => Assert.Contains(LocalHub.Commit, request, StringComparison.Ordinal));
        Assert.False(Directory.Exists(Target + ".partial"));
        Assert.Equal("llama", ModelInspection.Inspect(Target).Config.ModelType);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_never_to_where_it_redirects()
    {
        await using LocalHub hub = await LocalHub.StartAsync();

        await DownloadAsync(hub, token: "hf_secret");

        Assert.All(hub.Requests.Where(request => request.StartsWith("hub", StringComparison.Ordinal)), request => Assert.EndsWith("Bearer hf_secret", request, StringComparison.Ordinal));
        string storage = Assert.Single(hub.Requests, request => request.StartsWith("storage", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", storage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new HubConnection(hub.Endpoint, "hf_secret").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_connection_goes_on_where_it_was_cut()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        int cuts = 0;
        hub.Send = async (http, content) =>
        {
            if (cuts++ >= 3)
            {
                return false;
            }

            await LocalHub.CutAsync(http, content, 100_000);
            return true;
        };

        await DownloadAsync(hub);

        Assert.Equal(hub.Files[Weights], File.ReadAllBytes(Path.Combine(Target, Weights)));
        Assert.Contains(hub.Requests, request => request.StartsWith("storage", StringComparison.Ordinal) && request.Contains("bytes=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cancelled_download_goes_on_in_another_process_with_what_has_arrived()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        using CancellationTokenSource pause = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DownloadAsync(hub, report: progress =>
        {
            if (progress.File == Weights && progress.Done > progress.Total - hub.Files[Weights].Length + 50_000)
            {
                pause.Cancel();
            }
        }, cancellationToken: pause.Token));
        Assert.False(Directory.Exists(Target));
        long arrived = new FileInfo(Path.Combine(Target + ".partial", Weights)).Length;
        Assert.InRange(arrived, 50_000, hub.Files[Weights].Length - 1);
        hub.Requests.Clear();

        await DownloadAsync(hub);

        Assert.Equal([$"hub /tiny/model/resolve/{LocalHub.Commit}/{Weights} bytes={arrived}-", $"storage /blobs/{Weights} bytes={arrived}-"], hub.Requests);
        Assert.Equal(hub.Files[Weights], File.ReadAllBytes(Path.Combine(Target, Weights)));
    }

    [Fact]
    public async Task A_part_of_another_version_of_the_file_is_thrown_away_and_the_whole_fetched()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        Directory.CreateDirectory(Target + ".partial");
        File.WriteAllBytes(Path.Combine(Target + ".partial", Weights), new byte[1000]);

        await DownloadAsync(hub);

        Assert.Equal(hub.Files[Weights], File.ReadAllBytes(Path.Combine(Target, Weights)));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_whole_file_again()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        Directory.CreateDirectory(Target + ".partial");
        File.WriteAllBytes(Path.Combine(Target + ".partial", Weights), hub.Files[Weights][..1000]);
        hub.Send = async (http, content) =>
        {
            await http.Response.Body.WriteAsync(content);
            return true;
        };

        await DownloadAsync(hub);

        Assert.Equal(hub.Files[Weights], File.ReadAllBytes(Path.Combine(Target, Weights)));
    }

    [Fact]
    public async Task A_wrong_checksum_is_named_and_nothing_is_put_into_place()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        hub.WrongSha256[Weights] = new string('0', 64);

        var refused = await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub));

        Assert.StartsWith($"{Weights} of tiny/model arrived damaged (SHA-256 ", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Target));
        Assert.False(File.Exists(Path.Combine(Target + ".partial", Weights)));
    }

    [Fact]
    public async Task Too_many_requests_are_answered_with_the_pause_that_the_hub_asks_for()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        bool first = true;
        hub.Intercept = http =>
        {
            if (!first)
            {
                return null;
            }

            first = false;
            http.Response.Headers.RetryAfter = "37";
            return Results.StatusCode(429);
        };

        await DownloadAsync(hub);

        Assert.Contains(TimeSpan.FromSeconds(37), _time.Waits);
    }

    [Fact]
    public async Task A_hub_that_stays_broken_is_asked_a_few_times_with_growing_pauses()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        hub.Intercept = _ => Results.StatusCode(503);

        var refused = await Assert.ThrowsAsync<HubUnavailableException>(() => DownloadAsync(hub));

        Assert.Contains("(503)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(7, hub.Requests.Count);
        Assert.Equal([1, 2, 4, 8, 16, 32], _time.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData(401, null, null, "knows no public model tiny/model: check the id; for a private model set HF_TOKEN")]
    [InlineData(401, null, "hf_x", "does not accept the token")]
    [InlineData(401, "GatedRepo", null, "is gated: accept its licence at")]
    [InlineData(403, "GatedRepo", "hf_x", "this token may not read it: accept its licence at")]
    [InlineData(404, "RevisionNotFound", null, "has no such revision")]
    [InlineData(404, null, null, "knows no model tiny/model")]
    public async Task A_refusal_is_one_sentence_that_says_what_to_do(int status, string? code, string? token, string sentence)
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        hub.Intercept = http =>
        {
            http.Response.Headers["X-Error-Code"] = code;
            return Results.StatusCode(status);
        };

        var refused = await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub, token));

        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Fact]
    public async Task Without_room_on_the_disk_nothing_is_fetched()
    {
        await using LocalHub hub = await LocalHub.StartAsync();

        var refused = await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub, freeBytes: 1_000_000));

        Assert.Contains("make room, then resume", refused.Message, StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Fact]
    public async Task Pickles_adapters_and_a_choice_of_several_files_are_refused_by_name()
    {
        await using LocalHub hub = await LocalHub.StartAsync();
        byte[] weights = hub.Files[Weights];
        hub.Files.Remove(Weights);
        hub.Files["pytorch_model.bin"] = weights;
        Assert.Contains("pickles only", (await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub))).Message, StringComparison.Ordinal);

        hub.Files["a.gguf"] = [1];
        hub.Files["b.gguf"] = [2];
        Assert.Contains("several GGUF files; choose one, as tiny/model/FILE (a.gguf", (await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub))).Message, StringComparison.Ordinal);

        hub.Files["adapter_config.json"] = [3];
        hub.Files.Remove("a.gguf");
        hub.Files.Remove("b.gguf");
        Assert.Contains("is an adapter", (await Assert.ThrowsAsync<UserInputException>(() => DownloadAsync(hub))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B")]
    [InlineData(" owner/name@v1.0 ", "owner/name@v1.0")]
    [InlineData("owner/name/file-Q4_1.gguf", "owner/name/file-Q4_1.gguf")]
    [InlineData("https://huggingface.co/owner/name/blob/main/file.gguf", "owner/name/file.gguf")]
    [InlineData("https://huggingface.co/owner/name/tree/dev", "owner/name@dev")]
    public void A_model_is_named_by_id_file_revision_or_address(string text, string read) => Assert.Equal(read, HubReference.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("../secret")]
    [InlineData("owner/..")]
    [InlineData("owner/name/pytorch_model.bin")]
    [InlineData("owner/name?x=1")]
    public void Anything_else_is_refused(string text) => Assert.StartsWith("Model id: ", Assert.Throws<UserInputException>(() => HubReference.Parse(text)).Message, StringComparison.Ordinal);

    public void Dispose() => _root.Dispose();

    private async Task<HubDownloaded> DownloadAsync(LocalHub hub, string? token = null, Action<HubProgress>? report = null, long freeBytes = long.MaxValue / 2, CancellationToken cancellationToken = default)
    {
        using HubClient client = new(_time);
        return await new HubDownload(client, new(hub.Endpoint, token), new("tiny/model"), Target) { FreeBytes = _ => freeBytes }.RunAsync(report ?? (_ => { }), cancellationToken);
    }

    /// <summary>A clock whose waits are over at once, and remembered.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Waits.Add(dueTime);
                dueTime = TimeSpan.Zero;
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
