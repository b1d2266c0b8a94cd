using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>Upload and download through the whole host, over real connections.</summary>
public sealed class DataSetEndpointTests : IAsyncLifetime
{
    private const string Good = """{"messages":[{"role":"user","content":"2 + 2?"}],"reference_answer":"4"}""";
    private const int Limit = 4 << 20;

    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;
    private UploadClient _client = null!;

    public DataSetEndpointTests()
    {
        _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
        {
            host.UseSetting("data", Path.Combine(_root.Path, "data"));
            host.UseSetting("port", "0");
            host.ConfigureTestServices(services => services
                .AddSingleton<IJobEngine>(new FakeJobEngine())
                .AddSingleton<IChatEngine>(new FakeChatEngine())
                .AddSingleton<IUploadLimit>(new Components.Fakes.FakeUploads { Limit = Limit }));
        });
        _console.UseKestrel(0);
    }

    public async ValueTask InitializeAsync()
    {
        _console.StartServer();
        _client = new(_console.CreateClient());
        await _client.OpenPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Fact]
    public async Task An_uploaded_file_can_be_downloaded_byte_for_byte()
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync("mine.jsonl", Good);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Good))), reply.Sha256);

        using HttpResponseMessage download = await _console.CreateClient().GetAsync(new Uri($"/datasets/{reply.Id}/file", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(Good, await download.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("mine.jsonl", download.Content.Headers.ContentDisposition?.FileName);
    }

    [Fact]
    public async Task An_upload_whose_connection_is_cut_ten_times_is_complete_and_equal()
    {
        byte[] file = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 24_000).Select(i => Good.Replace("2 + 2", $"{i} + {i * 7}", StringComparison.Ordinal) + "\n")));
        string upload = (await _client.BeginAsync("mine.jsonl", file.Length)).Progress!.Upload;
        Random random = new(3);
        long offset = 0;
        for (int cut = 0; cut < 10; cut++)
        {
            int part = random.Next(1, file.Length / 10);
            await _client.SendAndCutAsync(upload, offset, file.AsMemory((int)offset, part), file.Length - offset);
            offset = await _client.OffsetAsync(upload);
            Assert.InRange(offset, 0, file.Length);
        }

        HttpStatusCode status;
        UploadProgress? progress;
        do
        {
            // Where bytes of a torn connection were still being stored, the console says from where on it goes.
            (status, _, progress) = await _client.SendAsync(upload, offset, file[(int)offset..]);
            offset = progress!.Offset;
        }
        while (status == HttpStatusCode.Conflict);

        (status, UploadReply reply) = await _client.CompleteAsync(upload);
        Assert.Equal((HttpStatusCode.OK, Convert.ToHexStringLower(SHA256.HashData(file))), (status, reply.Sha256));
        UploadedDataSet added = Assert.Single(await ListAsync());
        Assert.Equal((24_000, 0, reply.Sha256), (added.Rows, added.RejectedRows, added.Sha256));
        Assert.Equal(file, await File.ReadAllBytesAsync(added.File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Bytes_from_a_wrong_place_are_not_taken()
    {
        string upload = (await _client.BeginAsync("mine.jsonl", 100)).Progress!.Upload;
        await _client.SendAsync(upload, 0, new byte[40]);

        (HttpStatusCode status, _, UploadProgress? progress) = await _client.SendAsync(upload, 10, new byte[20]);

        Assert.Equal((HttpStatusCode.Conflict, 40), (status, progress!.Offset));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _client.CompleteAsync(upload)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _client.SendAsync(upload, 40, new byte[61])).Status);
    }

    [Fact]
    public async Task A_cancelled_upload_is_gone_with_its_bytes()
    {
        string upload = (await _client.BeginAsync("mine.jsonl", 100)).Progress!.Upload;
        await _client.SendAsync(upload, 0, new byte[40]);

        await _client.DeleteAsync(upload);

        Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(upload, 40, new byte[60])).Status);
        Assert.Empty(Directory.GetFiles(Path.Combine(_root.Path, "data", "uploads"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_compressed_file_is_kept_plain()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Good + "\n"));
        }

        (_, UploadReply reply) = await _client.UploadAsync("mine.jsonl.gz", packed.ToArray());

        UploadedDataSet added = Assert.Single(await ListAsync());
        Assert.Equal((reply.Id, "mine.jsonl", Good + "\n"), (added.Id, added.Name, await File.ReadAllTextAsync(added.File, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_compressed_file_counts_by_what_it_holds()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(new byte[Limit + 1]);
        }

        (HttpStatusCode status, UploadReply reply) = await _client.UploadAsync("mine.jsonl.gz", packed.ToArray());

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("larger than 4 MB", reply.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData("table.csv", UploadKind.Records)]
    [InlineData("log.json.gz", UploadKind.InvocationLogs)]
    public async Task Tables_and_logs_wait_for_their_next_step(string name, string kind)
    {
        (HttpStatusCode status, UploadReply reply) = await _client.UploadAsync(name, "question,answer\n1 + 1?,2\n"u8.ToArray(), kind);

        Assert.Equal((HttpStatusCode.OK, null), (status, reply.Id));
        StagedFile staged = await _console.Services.GetRequiredService<IUploads>().CompleteAsync(reply.Staged!, TestContext.Current.CancellationToken);
        Assert.Equal((name, reply.Sha256), (staged.Name, staged.Sha256));
        Assert.True(File.Exists(staged.File));
    }

    [Theory]
    [InlineData("")]
    [InlineData("forged")]
    public async Task Without_the_pages_token_nothing_is_taken(string token)
    {
        (HttpStatusCode status, UploadReply? refused, _) = await _client.BeginAsync("mine.jsonl", 10, token);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("load it again", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_before_it_is_sent()
    {
        (HttpStatusCode status, UploadReply? refused, _) = await _client.BeginAsync("mine.jsonl", Limit + 1);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("larger than 4 MB", refused!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("")]
    [InlineData("../../keys")]
    public async Task A_name_of_another_kind_is_refused(string name)
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync(name, Good);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("ends with .jsonl", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_json_lines_is_refused_with_its_lines()
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync("mine.jsonl", "question,answer\n2 + 2,4\n");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal([(1, "question,answer"), (2, "2 + 2,4")], reply.Rejected.Select(line => (line.Line, line.Excerpt)));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_path_in_the_file_name_reaches_no_other_folder()
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync("../../../jobs/evil.jsonl", Good);

        Assert.Equal(HttpStatusCode.OK, status);
        string data = Path.Combine(_root.Path, "data");
        Assert.Equal([Path.Combine(data, "datasets", reply.Id!, "evil.jsonl")], Directory.GetFiles(_root.Path, "*.jsonl", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("/datasets/no-such/file")]
    [InlineData("/datasets/..%2F..%2Fconsole.db/file")]
    public async Task Only_data_sets_can_be_downloaded(string address)
    {
        using HttpResponseMessage response = await _console.CreateClient().GetAsync(new Uri(address, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<IReadOnlyList<UploadedDataSet>> ListAsync() => await _console.Services.GetRequiredService<IDataSets>().ListAsync(TestContext.Current.CancellationToken);

    private Task<(HttpStatusCode Status, UploadReply Reply)> UploadAsync(string name, string text) => _client.UploadAsync(name, Encoding.UTF8.GetBytes(text));
}
