using System.Collections.Concurrent;

using Microsoft.Playwright;

namespace RftConsole.Tests.Browser;

/// <summary>A page that remembers what it asked of which host, and what went wrong in it.</summary>
internal sealed class ObservedPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _addresses = new();
    private readonly ConcurrentQueue<string> _errors = new();

    public ObservedPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Request += (_, request) => _addresses.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _addresses.Enqueue(socket.Url);
        page.PageError += (_, error) => _errors.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Goes to an address of the console and waits until its circuit renders.</summary>
    public async Task GoAsync(string address)
    {
        await Page.GotoAsync(address);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    /// <summary>Does something; where the page does not do its part, the failure says what it showed instead.</summary>
    public async Task DoAsync(Func<ObservedPage, Task> act)
    {
        try
        {
            await act(this);
        }
        catch (Exception failure) when (failure is TimeoutException or PlaywrightException)
        {
            string shown = await Page.Locator("body").InnerTextAsync();
            throw new InvalidOperationException($"{failure.Message}\nAt {Page.Url} the page showed:\n{shown}\nIts console: {string.Join("\n", _errors)}", failure);
        }
    }

    /// <summary>Nothing on the page asks for scrolling sideways.</summary>
    public async Task ExpectFitsAsync() => Assert.Equal(0, await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));

    /// <summary>A dialog stands within the window, and with it the buttons that end it: none has to be guessed.</summary>
    public async Task ExpectWithinWindowAsync(ILocator dialog)
    {
        await ExpectFitsAsync();
        LocatorBoundingBoxResult box = (await dialog.BoundingBoxAsync())!;
        Assert.InRange(box.X, 0, Page.ViewportSize!.Width - box.Width);
        Assert.InRange(box.Y, 0, Page.ViewportSize.Height - box.Height);
        foreach (ILocator button in await dialog.Locator(".mud-dialog-actions button").AllAsync())
        {
            await Assertions.Expect(button).ToBeInViewportAsync(new() { Ratio = 1 });
        }
    }

    /// <summary>All requests and web sockets so far went to this machine, and there was at least one.</summary>
    public void ExpectNoOtherHost()
    {
        Assert.NotEmpty(_addresses);
        Assert.DoesNotContain(_addresses, address => new Uri(address) is { Host: not "127.0.0.1", Scheme: "http" or "https" or "ws" or "wss" or "ftp" });
    }

    /// <summary>No script failed and the browser's console holds no error.</summary>
    public void ExpectNoErrors() => Assert.Empty(_errors);

    /// <summary>Forgets errors, such as the lost connection of a console that a test has stopped on purpose.</summary>
    public void ForgetErrors() => _errors.Clear();

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
