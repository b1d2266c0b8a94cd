using System.Diagnostics;

using RftConsole.Training.Datasets.S3;

namespace RftConsole.Tests.Datasets.S3;

/// <summary>A local S3 server (s3rver, from npm) with the buckets <c>data</c> and <c>other</c>.</summary>
public sealed class S3ServerFixture : IAsyncLifetime
{
    private Process? _server;

    public string Endpoint { get; private set; } = "";

    /// <summary>The server's one pair of keys.</summary>
    public S3Connection Connection => new() { Endpoint = Endpoint, PathStyle = true, AccessKeyId = "S3RVER", SecretAccessKey = "S3RVER", Region = "us-east-1" };

    public async ValueTask InitializeAsync()
    {
        string script = Path.Combine(Repository.RepositoryFolder.Root, "RftConsole.Tests", "s3server", "server.mjs");
        _server = Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        Endpoint = await _server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The S3 server did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
    }
}
