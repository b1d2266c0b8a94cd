namespace RftConsole.Tests.Browser;

/// <summary>One console with an empty data folder for all tests of a class.</summary>
public sealed class RunningConsoleFixture : IAsyncLifetime
{
    private readonly string _dataFolder = Directory.CreateTempSubdirectory("rftconsole-pages-").FullName;
    private ConsoleProcess? _console;

    public string Address => _console!.Address;

    public async ValueTask InitializeAsync() => _console = await ConsoleProcess.StartAsync(_dataFolder);

    public async ValueTask DisposeAsync()
    {
        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        Directory.Delete(_dataFolder, recursive: true);
    }
}
