namespace RftConsole.Tests.Network;

/// <summary>Tests with a server that a job may call and another one.</summary>
public abstract class TwoServersTests : IAsyncLifetime
{
    private protected LocalServer Allowed { get; private set; } = null!;

    private protected LocalServer Other { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (Allowed, Other) = (await LocalServer.StartAsync(), await LocalServer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Allowed.DisposeAsync();
        await Other.DisposeAsync();
    }
}
