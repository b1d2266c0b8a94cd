namespace RftConsole.Tests.Browser;

/// <summary>Tests that share one Chromium and one console; they run one after the other, because two cores carry one browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<ChromiumFixture>, ICollectionFixture<RunningConsoleFixture>
{
    public const string Name = "Browser";
}
