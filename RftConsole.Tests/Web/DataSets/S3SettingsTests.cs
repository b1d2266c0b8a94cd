using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Datasets.InvocationLogs;
using RftConsole.Tests.Datasets.S3;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Web.DataSets;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.DataSets;

/// <summary>The console's connection to S3, and what it brings from there.</summary>
public sealed class S3SettingsTests(S3ServerFixture server) : IClassFixture<S3ServerFixture>, IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task The_secret_is_kept_encrypted_and_an_empty_one_keeps_it()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IS3Settings settings = Settings(console);

        await settings.SetAsync(server.Connection with { SecretAccessKey = "very-secret" }, TestContext.Current.CancellationToken);
        await settings.SetAsync(server.Connection with { SecretAccessKey = "", Region = " eu-central-1 " }, TestContext.Current.CancellationToken);

        S3Connection kept = await settings.ConnectionAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("very-secret", "eu-central-1"), (kept.SecretAccessKey, kept.Region));
        S3SettingsView view = await settings.ViewAsync(TestContext.Current.CancellationToken);
        Assert.Equal((null, true, false), (view.Connection.SecretAccessKey, view.HasSecret, view.FromEnvironment));
        await using ConsoleDbContext context = await console.Services.GetRequiredService<IDbContextFactory<ConsoleDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(await context.Settings.ToListAsync(TestContext.Current.CancellationToken), row => row.Value.Contains("very-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Half_a_pair_of_keys_is_refused_and_another_keys_secret_is_not_lent()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IS3Settings settings = Settings(console);
        await settings.SetAsync(server.Connection, TestContext.Current.CancellationToken);

        Assert.Contains("without its secret", (await Assert.ThrowsAsync<UserInputException>(() => settings.SetAsync(new() { AccessKeyId = "other" }, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.Equal("S3RVER", (await settings.ConnectionAsync(TestContext.Current.CancellationToken)).AccessKeyId);
    }

    [Fact]
    public async Task Records_of_a_bucket_become_a_data_set()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IS3Settings settings = Settings(console);
        await settings.SetAsync(server.Connection, TestContext.Current.CancellationToken);
        using (S3Store store = new(server.Connection))
        {
            await store.UploadAsync(_root.Write("a", """{"messages":[{"role":"user","content":"What is 1 + 1?"}],"reference_answer":"2"}"""), S3Address.Parse("s3://data/sets/math.jsonl", "x"), TestContext.Current.CancellationToken);
        }

        S3Import s3 = console.Create<S3Import>(settings);
        UploadedDataSet added = await s3.ImportAsync(S3Address.Parse("s3://data/sets/math.jsonl", "x"), (_, _) => { }, TestContext.Current.CancellationToken);

        Assert.Equal(("math.jsonl", 1), (added.Name, added.Rows));
        Assert.Equal(["data", "other"], await s3.BucketsAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<UserInputException>(() => s3.ImportAsync(S3Address.Parse("s3://data/none/", "x"), (_, _) => { }, TestContext.Current.CancellationToken));
        Assert.Single(await console.DataSets.ListAsync());
        Assert.Empty(s3.Unfinished());
    }

    [Fact]
    public async Task Logs_of_a_bucket_are_looked_at_and_become_a_data_set()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        IS3Settings settings = Settings(console);
        await settings.SetAsync(server.Connection, TestContext.Current.CancellationToken);
        using (S3Store store = new(server.Connection))
        {
            await store.UploadAsync(_root.Write("log", InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1")), S3Address.Parse("s3://data/traffic/2026/a.json", "x"), TestContext.Current.CancellationToken);
        }

        InvocationLogImport logs = console.Create<InvocationLogImport>(settings);

        Assert.Equal(1, (await logs.PreviewAsync(LogSource.At("s3://data/traffic/"), new(true, null), TestContext.Current.CancellationToken)).Converted);
        UploadedDataSet added = await logs.ImportAsync(LogSource.At("s3://data/traffic/"), null, new(true, null), TestContext.Current.CancellationToken);

        Assert.Equal(("traffic.jsonl", 1), (added.Name, added.Rows));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_root.Path, "data", "uploads")));
    }

    private static S3Settings Settings(ConsoleHarness console) =>
        new(console.Services.GetRequiredService<SettingStore>(), console.Services.GetRequiredService<IDataProtectionProvider>(), _ => null);
}
