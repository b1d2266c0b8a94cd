using System.Net;
using System.Text;
using System.Text.Json;

namespace RftConsole.Tests.Web.Api;

/// <summary>What no honest client sends: each is refused in OpenAI's form, with a status that says whose fault it is, and tells nothing of the machine.</summary>
[Collection(ApiConsoleCollection.Name)]
public sealed class HostileRequestTests(ApiConsole console)
{
    private const string Chat = "chat/completions";
    private const string Jobs = "fine_tuning/jobs";
    private const string Run = "fine_tuning/alpha/graders/run";
    private const string Good = "\"model\":\"starter\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    private static readonly string[] s_wrong = ["null", "true", "-1", "1.5", "1e999", "\"\"", "\"x\"", "[]", "[null]", "{}", "{\"a\":{}}", "\"\\ud800\"", "\"<script>alert(1)</script>\"", "99999999999999999999999"];

    /// <summary>Parameters with the values of <see cref="s_wrong"/> that they take.</summary>
    private static readonly (string Path, string Before, string After, int[] Accepted)[] s_parameters =
    [
        (Chat, "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":", "", []),
        (Chat, "\"model\":\"starter\",\"messages\":", "", []),
        (Chat, "\"model\":\"starter\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":", "}]", [5, 6, 7, 12]),
        (Chat, "\"model\":\"starter\",\"messages\":[{\"content\":\"hi\",\"role\":", "}]", []),
        (Chat, Good + ",\"max_tokens\":1,\"temperature\":", "", [0, 3]),
        (Chat, Good + ",\"max_tokens\":1,\"top_p\":", "", [0]),
        (Chat, Good + ",\"temperature\":0,\"max_tokens\":", "", [0]),
        (Chat, Good + ",\"max_tokens\":1,\"n\":", "", [0]),
        (Chat, Good + ",\"max_tokens\":1,\"stop\":", "", [0, 6, 7, 12]),
        (Chat, Good + ",\"max_tokens\":1,\"seed\":", "", [0, 2]),
        (Chat, Good + ",\"max_tokens\":1,\"logprobs\":", "", [0, 1]),
        (Chat, Good + ",\"max_tokens\":1,\"stream_options\":", "", [0, 9, 10]),
        (Chat, Good + ",\"max_tokens\":1,\"response_format\":", "", [0]),
        (Chat, Good + ",\"max_tokens\":1,\"metadata\":", "", [0, 9]),
        (Jobs, "\"model\":\"starter\",\"training_file\":", "", []),
        (Jobs, "\"training_file\":\"x\",\"model\":", "", []),
        (Run, "\"model_sample\":\"x\",\"grader\":", "", []),
        (Run, "\"model_sample\":\"x\",\"grader\":{\"type\":\"string_check\",\"operation\":\"eq\",\"input\":\"a\",\"reference\":\"a\"},\"item\":", "", [0, 9, 10]),
        (Run, "\"model_sample\":\"x\",\"grader\":{\"type\":\"multi\",\"calculate_output\":\"a\",\"graders\":", "}", []),
        (Run, "\"model_sample\":\"x\",\"grader\":{\"type\":\"lambda\",\"lambda\":", "}", []),
    ];

    [Fact]
    public async Task A_parameter_of_the_wrong_type_or_value_is_a_refusal_that_names_it()
    {
        using HttpClient client = console.Client();
        foreach ((string path, string before, string after, int[] accepted) in s_parameters)
        {
            foreach ((int index, string value) in s_wrong.Index().Where(entry => !accepted.Contains(entry.Index)))
            {
                string body = "{" + before + value + after + "}";
                // An empty text or list may be fine where it adds nothing.
                JsonElement error = await RefusedAsync(client, HttpMethod.Post, path, body, [400, 404]);
                Assert.True(error.GetProperty("param").ValueKind == JsonValueKind.String || index == 8 || value == "1e999", body);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("nul")]
    [InlineData("{\"model\":\"starter\",}")]
    [InlineData("\u0000\u0001\u0002")]
    [InlineData("{\"a\":\"\u0007\"}")]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>")]
    [InlineData("model=starter&messages=hi")]
    public async Task A_body_that_is_no_json_object_is_refused_wherever_one_is_read(string body)
    {
        using HttpClient client = console.Client();
        foreach (string path in (string[])[Chat, Jobs, Run, "fine_tuning/alpha/graders/validate"])
        {
            await RefusedAsync(client, HttpMethod.Post, path, body, [400]);
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData("..%2F..%2Fconsole.db")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData("....//....//console.db")]
    [InlineData("%00")]
    [InlineData("a%00b")]
    [InlineData("%0d%0aSet-Cookie:%20a=b")]
    [InlineData("%3Cscript%3E")]
    [InlineData("' OR 1=1 --")]
    [InlineData("%25%32%65%25%32%65")]
    [InlineData("%F0%9F%92%A9")]
    [InlineData("\u202e")]
    public async Task A_trick_in_an_id_finds_nothing(string id)
    {
        using HttpClient client = console.Client();
        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[
            (HttpMethod.Get, $"files/{id}"), (HttpMethod.Get, $"files/{id}/content"), (HttpMethod.Delete, $"files/{id}"), (HttpMethod.Get, $"{Jobs}/{id}"),
            (HttpMethod.Get, $"{Jobs}/{id}/events"), (HttpMethod.Get, $"{Jobs}/{id}/checkpoints"), (HttpMethod.Post, $"{Jobs}/{id}/cancel"), (HttpMethod.Get, $"models/{id}")])
        {
            using HttpRequestMessage request = new(method, path);
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            // Dots lead out of the API altogether, to addresses that are none, or that hold no more than a list.
            Assert.True((int)response.StatusCode is 400 or 404 or 405 || id.StartsWith("..", StringComparison.Ordinal), $"{method} {path}: {response.StatusCode}");
            Assert.True((int)response.StatusCode < 500, $"{method} {path}: {response.StatusCode}");
            await TellsNothingAsync(response);
            Assert.False(response.Headers.Contains("Set-Cookie"));
        }
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-5")]
    [InlineData("limit=ten")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("limit=1;drop table Jobs")]
    [InlineData("after=nothing")]
    [InlineData("after=%00")]
    public async Task A_page_that_is_none_is_refused(string query)
    {
        using HttpClient client = console.Client();
        await RefusedAsync(client, HttpMethod.Get, $"{Jobs}?{query}", null, [400]);
        await RefusedAsync(client, HttpMethod.Get, $"files?{query}", null, [400]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic a2V5OmtleQ==")]
    [InlineData("Bearer")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer key-of-the-environment2")]
    [InlineData("Bearer ' OR '1'='1")]
    [InlineData("key-of-the-environment")]
    public async Task Without_a_valid_key_nothing_is_read_and_nothing_answers(string? authorization)
    {
        using HttpClient client = console.Client(key: null);
        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[
            (HttpMethod.Get, "models"), (HttpMethod.Get, "files"), (HttpMethod.Post, "files"), (HttpMethod.Post, Chat), (HttpMethod.Post, Jobs), (HttpMethod.Get, Jobs), (HttpMethod.Post, Run)])
        {
            using HttpRequestMessage request = new(method, path) { Content = method == HttpMethod.Post ? new StringContent("not json") : null };
            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (response.StatusCode, response.Headers.WwwAuthenticate.ToString()));
            Assert.Equal("authentication_error", (await TellsNothingAsync(response)).GetProperty("error").GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task Bodies_that_are_too_large_or_too_deep_are_refused()
    {
        using HttpClient client = console.Client();
        await RefusedAsync(client, HttpMethod.Post, Chat, "{\"model\":\"starter\",\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('x', 9 << 20) + "\"}]}", [413]);
        await RefusedAsync(client, HttpMethod.Post, Chat, string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000), [400]);
        await RefusedAsync(client, HttpMethod.Post, Run, "{\"model_sample\":\"x\",\"grader\":{\"type\":\"multi\",\"calculate_output\":\"" + new string('(', 900) + "\",\"graders\":{\"a\":{\"type\":\"lambda\",\"lambda\":{\"function\":\"math-reasoning\"}}}}}", [400]);
        await RefusedAsync(client, HttpMethod.Post, Chat, "{\"model\":\"starter\",\"messages\":[" + string.Join(',', Enumerable.Repeat("{\"role\":\"user\",\"content\":\"\"}", 3000)) + "]}", [400]);
    }

    [Theory]
    [InlineData("text/plain", "purpose=fine-tune")]
    [InlineData("multipart/form-data", "x")]
    [InlineData("multipart/form-data; boundary=\"\"", "x")]
    [InlineData("multipart/form-data; boundary=b", "x")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../console.db\"\r\n\r\nnot a record\r\n--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl.gz\"\r\n\r\nno gzip\r\n--b--\r\n")]
    public async Task An_upload_that_is_none_is_refused_and_leaves_nothing(string type, string body)
    {
        using HttpClient client = console.Client();
        string before = await client.GetStringAsync(new Uri("files", UriKind.Relative), TestContext.Current.CancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Post, "files") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await TellsNothingAsync(response);
        Assert.Equal(before, await client.GetStringAsync(new Uri("files", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    private async Task<JsonElement> RefusedAsync(HttpClient client, HttpMethod method, string path, string? body, int[] expected)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        string shown = body is { Length: > 300 } ? body[..300] : body ?? path;
        Assert.True(expected.Contains((int)response.StatusCode), $"{path}: {response.StatusCode} for {shown}");
        return (await TellsNothingAsync(response)).GetProperty("error");
    }

    /// <summary>The answer is JSON of one form, and has neither a stack trace, nor a path of this machine, nor the key.</summary>
    private async Task<JsonElement> TellsNothingAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.All((string[])[console.DataFolder, ApiConsole.Key, "   at ", "System.", "SQLite", "root:"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return default;
        }

        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        return JsonElement.Parse(text);
    }
}
