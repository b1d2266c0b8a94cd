namespace RftConsole.Tests.Browser;

/// <summary>Tests that share one Chromium, an empty console and one that has trained; they run one after the other, because two cores carry one browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<ChromiumFixture>, ICollectionFixture<RunningConsoleFixture>, ICollectionFixture<TrainedConsoleFixture>
{
    public const string Name = "Browser";
}
