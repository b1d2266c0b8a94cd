using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Web;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web;

/// <summary>The console as a process of its own: what a user sees who starts it wrongly.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_busy_port_is_one_line_on_standard_error_and_a_failure()
    {
        using TcpListener busy = new(IPAddress.Loopback, 0);
        busy.Start();
        int port = ((IPEndPoint)busy.LocalEndpoint).Port;

        await StartsNotAsync($"Port {port} is in use", "--data", Path.Combine(_root.Path, "data"), "--port", port.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_data_folder_of_another_console_is_one_line_on_standard_error_and_a_failure()
    {
        string data = Path.Combine(_root.Path, "data");
        using DataFolder held = DataFolder.Open(data);

        await StartsNotAsync($"The data folder {data} is in use", "--data", data, "--port", "0");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_one_line_on_standard_error_and_a_failure()
    {
        string file = _root.Write("file", "");

        await StartsNotAsync($"The data folder {Path.Combine(file, "data")} cannot be written", "--data", Path.Combine(file, "data"), "--port", "0");
    }

    private static async Task StartsNotAsync(string expected, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [typeof(ConsoleOptions).Assembly.Location, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, process.ExitCode);
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(character => character == '\n'));
        Assert.Empty(await output);
    }
}
