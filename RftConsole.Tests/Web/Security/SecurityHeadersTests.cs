using Microsoft.AspNetCore.Http;

using RftConsole.Web.Security;

namespace RftConsole.Tests.Web.Security;

public sealed class SecurityHeadersTests
{
    private readonly DefaultHttpContext _http = new();
    private bool _passed;

    public SecurityHeadersTests()
    {
        _http.Request.Scheme = "http";
        _http.Request.Host = new("127.0.0.1:5080");
    }

    [Fact]
    public async Task Scripts_come_from_this_host_and_from_files_only()
    {
        await RunAsync();

        Dictionary<string, string> policy = Policy();
        Assert.Equal("'self'", policy["default-src"]);
        Assert.Equal("'self'", policy["script-src"]);
        Assert.Equal("'none'", policy["frame-ancestors"]);
        Assert.Equal("'none'", policy["object-src"]);
    }

    [Fact]
    public async Task No_directive_names_another_host()
    {
        await RunAsync();

        string[] allowed = ["'self'", "'none'", "'unsafe-inline'", "data:", "blob:"];
        Assert.All(Policy().Values.SelectMany(sources => sources.Split(' ')), source => Assert.Contains(source, allowed));
        Assert.Equal("'self' 'unsafe-inline'", Policy()["style-src"]);
    }

    [Fact]
    public async Task The_other_headers_are_on_every_response()
    {
        await RunAsync();

        Assert.Equal(
            ("nosniff", "DENY", "same-origin"),
            (_http.Response.Headers.XContentTypeOptions.ToString(), _http.Response.Headers.XFrameOptions.ToString(), _http.Response.Headers["Referrer-Policy"].ToString()));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://127.0.0.1:8080", false)]
    [InlineData("https://127.0.0.1:5080", false)]
    [InlineData("https://elsewhere.example", false)]
    [InlineData("null", false)]
    public async Task Only_the_consoles_own_pages_may_send_requests(string? origin, bool passes)
    {
        _http.Request.Headers.Origin = origin;

        await RunAsync();

        Assert.Equal(passes, _passed);
        Assert.Equal(passes ? 200 : 403, _http.Response.StatusCode);
        Assert.NotEmpty(_http.Response.Headers.ContentSecurityPolicy.ToString());
    }

    private Task RunAsync() => new SecurityHeadersMiddleware(_ =>
    {
        _passed = true;
        return Task.CompletedTask;
    }).InvokeAsync(_http);

    private Dictionary<string, string> Policy() => _http.Response.Headers.ContentSecurityPolicy.ToString()
        .Split("; ")
        .Select(directive => directive.Split(' ', 2))
        .ToDictionary(parts => parts[0], parts => parts[1]);
}
