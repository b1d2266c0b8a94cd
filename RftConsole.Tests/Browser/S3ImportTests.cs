using System.Security.Cryptography;
using System.Text;

using Microsoft.Playwright;

using RftConsole.Tests.Datasets.S3;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Datasets.S3;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>An import from a bucket in the console, whose process is killed in the middle.</summary>
[Collection(BrowserCollection.Name)]
public sealed class S3ImportTests(ChromiumFixture chromium, S3ServerFixture server) : IClassFixture<S3ServerFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_import_goes_on_where_the_console_was_killed()
    {
        byte[] content = Records(40 << 20);
        using S3Store store = new(server.Connection);
        await store.UploadAsync(_folder.Write("big.jsonl", content), S3Address.Parse("s3://data/big.jsonl", "x"), TestContext.Current.CancellationToken);
        await using CuttingProxy proxy = new(server.Endpoint) { HoldAfter = content.Length / 2 };
        (string, string)[] environment = [("AWS_ENDPOINT_URL_S3", proxy.Address), ("AWS_ACCESS_KEY_ID", "S3RVER"), ("AWS_SECRET_ACCESS_KEY", "S3RVER")];
        string data = Path.Combine(_folder.Path, "data");
        await using (ConsoleProcess console = await ConsoleProcess.StartAsync(data, environment))
        {
            await using ObservedPage observed = await chromium.OpenAsync(console.Address);
            await ShowImportAsync(observed);
            await observed.Page.GetByLabel("S3 address").FillAsync("s3://data/big.jsonl");
            await observed.Page.GetByRole(AriaRole.Button, new() { Name = "Use this address" }).ClickAsync();
            await proxy.Held.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await console.KillAsync();
        }

        proxy.HoldAfter = null;
        await using ConsoleProcess again = await ConsoleProcess.StartAsync(data, environment);
        await using ObservedPage page = await chromium.OpenAsync(again.Address);
        await ShowImportAsync(page);
        await Expect(page.Page.GetByRole(AriaRole.List, new() { Name = "Imports that were cut off" })).ToContainTextAsync("s3://data/big.jsonl");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Resume import of s3://data/big.jsonl" }).ClickAsync();

        await Expect(page.Page.GetByRole(AriaRole.Table, new() { Name = "Uploaded data sets" })).ToContainTextAsync("big.jsonl", new() { Timeout = 60_000 });
        await Expect(page.Page.GetByText(Convert.ToHexStringLower(SHA256.HashData(content)))).ToBeVisibleAsync();
        // Parts that were half through when the console was killed come twice: four at a time, of 8 MB.
        Assert.InRange(proxy.Sent, content.Length, content.Length + (33L << 20));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(data, "imports")));
    }

    private static async Task ShowImportAsync(ObservedPage observed)
    {
        await observed.GoAsync("/datasets");
        await observed.Page.GetByRole(AriaRole.Radio, new() { Name = "Import from S3" }).CheckAsync();
    }

    private static byte[] Records(int bytes)
    {
        string filler = new('x', 2000);
        StringBuilder records = new();
        for (int number = 1; records.Length < bytes; number++)
        {
            records.Append("{\"messages\":[{\"role\":\"user\",\"content\":\"What is ").Append(number).Append(" + 1? ").Append(filler).Append("\"}],\"reference_answer\":\"").Append(number + 1).Append("\"}\n");
        }

        return Encoding.UTF8.GetBytes(records.ToString());
    }
}
