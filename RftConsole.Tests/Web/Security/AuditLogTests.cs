using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Jobs;
using RftConsole.Web.Security.Audit;

namespace RftConsole.Tests.Web.Security;

/// <summary>The audit log as it is searched and downloaded.</summary>
public sealed class AuditLogTests : IAsyncDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly WebApplicationFactory<ConsoleOptions> _console;

    public AuditLogTests() => _console = new WebApplicationFactory<ConsoleOptions>().WithWebHostBuilder(host =>
    {
        host.UseSetting("data", Path.Combine(_root.Path, "data"));
        host.UseSetting("port", "0");
        host.ConfigureTestServices(services => services.AddSingleton<IJobEngine>(new FakeJobEngine()));
    });

    private IAuditLog Audit => _console.Services.GetRequiredService<IAuditLog>();

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        _root.Dispose();
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://elsewhere.example\")")]
    [InlineData("+1+1")]
    [InlineData("-1+1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    public async Task A_name_that_begins_like_a_formula_is_no_formula_in_the_download(string name)
    {
        await Audit.WriteAsync("job.create", name, "", AuditEntry.Done, TestContext.Current.CancellationToken);

        string csv = await _console.CreateClient().GetStringAsync(new Uri(AuditEndpoint.Address, UriKind.Relative), TestContext.Current.CancellationToken);

        string[] lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("time,actor,role,address,action,subject,details,outcome", lines[0]);
        string field = lines[1].Split("job.create,")[1].TrimStart('"');
        Assert.DoesNotContain(field[0], "=+-@\t");
    }

    [Fact]
    public async Task Each_word_of_a_search_is_found_in_any_column_and_taken_as_it_is()
    {
        await Audit.WriteAsync("job.create", "arith", "", AuditEntry.Done, TestContext.Current.CancellationToken);
        await Audit.WriteAsync("job.delete", "100%_sure", "", AuditEntry.Refused, TestContext.Current.CancellationToken);

        Assert.Equal(["job.create"], await ActionsAsync("ARITH done"));
        Assert.Equal(["job.delete"], await ActionsAsync("100%_"));
        Assert.Empty(await ActionsAsync("arith refused"));
        Assert.Equal(["job.delete", "job.create"], await ActionsAsync(""));
    }

    [Fact]
    public async Task A_line_break_in_a_name_forges_no_line()
    {
        await Audit.WriteAsync("job.create", "a\r\nforged,line", new string('x', 5000), AuditEntry.Done, TestContext.Current.CancellationToken);

        AuditEntry entry = Assert.Single((await Audit.FindAsync(new(), 0, 10, TestContext.Current.CancellationToken)).Entries);
        Assert.Equal("a  forged,line", entry.Subject);
        Assert.InRange(entry.Details.Length, 1, 1001);
    }

    private async Task<IEnumerable<string>> ActionsAsync(string search) =>
        (await Audit.FindAsync(new(search), 0, 10, TestContext.Current.CancellationToken)).Entries.Select(entry => entry.Action);
}
