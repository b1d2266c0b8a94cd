using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>Upload and download through the whole host.</summary>
public sealed partial class DataSetEndpointTests : IAsyncLifetime
{
    private const string Good = """{"messages":[{"role":"user","content":"2 + 2?"}],"reference_answer":"4"}""";
    private const int Limit = 4096;

    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public DataSetEndpointTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.ConfigureTestServices(services => services
            .AddSingleton<IJobEngine>(new FakeJobEngine())
            .AddSingleton<IChatEngine>(new FakeChatEngine())
            .AddSingleton(new UploadLimit(Limit)));
    });

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

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

        using HttpResponseMessage download = await _console.CreateClient().GetAsync(new Uri($"/datasets/{reply.Id}/file", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(Good, await download.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("mine.jsonl", download.Content.Headers.ContentDisposition?.FileName);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("forged")]
    public async Task Without_the_pages_token_nothing_is_taken(string? token)
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync("mine.jsonl", Good, token ?? "");

        Assert.Equal((HttpStatusCode.BadRequest, null), (status, reply.Id));
        Assert.Contains("load it again", reply.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_over_the_limit_is_refused_whether_or_not_its_size_is_announced(bool announced)
    {
        using HttpContent content = announced
            ? new StringContent(new string('a', Limit + 1))
            : new StreamContent(new UnannouncedStream(Encoding.UTF8.GetBytes(new string('a', Limit + 1))));

        (HttpStatusCode status, UploadReply reply) = await SendAsync("mine.jsonl", content, token: null);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("larger than 4 KB", reply.Message, StringComparison.Ordinal);
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData("notes.txt", "ends with .jsonl")]
    [InlineData("", "ends with .jsonl")]
    [InlineData("../../keys", "ends with .jsonl")]
    public async Task A_name_that_is_no_jsonl_file_is_refused(string name, string message)
    {
        (HttpStatusCode status, UploadReply reply) = await UploadAsync(name, Good);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
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

    private async Task<(HttpStatusCode Status, UploadReply Reply)> UploadAsync(string name, string text, string? token = null)
    {
        using StringContent content = new(text);
        return await SendAsync(name, content, token);
    }

    /// <param name="name">File name.</param>
    /// <param name="content">The body.</param>
    /// <param name="token">Null takes the page's; empty sends none.</param>
    private async Task<(HttpStatusCode Status, UploadReply Reply)> SendAsync(string name, HttpContent content, string? token)
    {
        HttpClient client = _console.CreateClient();
        string page = await client.GetStringAsync(new Uri("/datasets", UriKind.Relative), TestContext.Current.CancellationToken);
        token ??= Token.Match(page).Groups["token"].Value;
        using HttpRequestMessage request = new(HttpMethod.Post, "/datasets/files?name=" + Uri.EscapeDataString(name)) { Content = content };
        if (token.Length > 0)
        {
            request.Headers.Add("RequestVerificationToken", token);
        }

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<UploadReply>(TestContext.Current.CancellationToken))!);
    }

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<token>[^"]+)""")]
    private static partial Regex Token { get; }

    /// <summary>Tells nobody how long it is.</summary>
    private sealed class UnannouncedStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
