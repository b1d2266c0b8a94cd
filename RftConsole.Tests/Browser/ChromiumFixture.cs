using Microsoft.Playwright;

namespace RftConsole.Tests.Browser;

/// <summary>One headless Chromium of this machine (nothing is downloaded) for all tests of a class.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        string executable = Environment.GetEnvironmentVariable("RFTCONSOLE_CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";
        Assert.True(File.Exists(executable), $"{executable} is missing: run ./test, which installs Chromium, or name one in RFTCONSOLE_CHROMIUM.");
        // Other tests compute beside the browser: a page that is slow because of them is no fault of it.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = s_arguments });
    }

    /// <summary>Opens a page in a fresh profile; every address in it is relative to <paramref name="address"/>.</summary>
    internal async Task<ObservedPage> OpenAsync(string address, ColorScheme colors = ColorScheme.Light, int width = 1280, int height = 900, string locale = "en-US")
    {
        IBrowserContext context = await _browser!.NewContextAsync(new()
        {
            BaseURL = address,
            ColorScheme = colors,
            // Of a console that made its certificate itself.
            IgnoreHTTPSErrors = true,
            Locale = locale,
            ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new() { Width = width, Height = height },
        });
        context.SetDefaultTimeout(60_000);
        return new ObservedPage(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
