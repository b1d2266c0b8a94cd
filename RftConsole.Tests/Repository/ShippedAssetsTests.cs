using System.Text.Json;
using System.Text.RegularExpressions;

namespace RftConsole.Tests.Repository;

/// <summary>What the console ships asks nothing of another host, and nothing in it reports to anybody.</summary>
public sealed partial class ShippedAssetsTests
{
    /// <summary>Packages that report: a part of the name of every product that this console must not carry.</summary>
    private static readonly string[] s_reporters =
    [
        "ApplicationInsights", "Sentry", "Datadog", "NewRelic", "Raygun", "Bugsnag", "Segment", "Mixpanel", "Amplitude", "PostHog", "Plausible", "google-analytics", "gtag", "Rollbar",
    ];

    [Theory]
    [InlineData("""<script src="https://cdn.example/a.js"></script>""")]
    [InlineData("""<link href='//fonts.example/css?family=Roboto' rel="stylesheet" />""")]
    [InlineData("""<img alt="" src=http://img.example/a.png>""")]
    [InlineData("""body { background: url( "https://img.example/a.png" ) }""")]
    [InlineData("""@import 'https://fonts.example/a.css';""")]
    [InlineData("""import { a } from "https://cdn.example/a.js";""")]
    [InlineData("""const m = await import('https://cdn.example/a.js');""")]
    [InlineData("""fetch(`https://stats.example/hit`)""")]
    [InlineData("""new WebSocket("wss://stats.example")""")]
    [InlineData("""navigator.sendBeacon("https://stats.example/hit")""")]
    public void The_check_itself_finds_a_fetch_from_another_host(string text) => Assert.Matches(Fetch, text);

    [Theory]
    [InlineData("""<a href="https://docs.example/">Documentation</a>""")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg">""")]
    [InlineData("""<script src="_framework/blazor.web.js"></script>""")]
    [InlineData("""body { background: url(data:image/png;base64,AAAA) }""")]
    public void The_check_itself_lets_links_and_own_files_pass(string text) => Assert.DoesNotMatch(Fetch, text);

    [Fact]
    public void No_page_script_or_style_of_ours_fetches_from_another_host() =>
        Assert.Empty(Fetches(RepositoryFolder.Files("RftConsole.Web", ".razor", ".cshtml", ".html", ".css", ".js", ".mjs", ".svg")));

    [Fact]
    public void No_script_or_style_of_a_package_that_the_console_serves_fetches_from_another_host()
    {
        string[] served = [.. ServedFiles().Where(file => Path.GetExtension(file) is ".css" or ".js" or ".mjs" or ".svg" or ".html")];

        Assert.Contains(served, file => Path.GetFileName(file) == "MudBlazor.min.css");
        Assert.Empty(Fetches(served));
    }

    [Fact]
    public void No_package_that_reports_usage_is_referenced()
    {
        string[] names =
        [
            .. RepositoryFolder.Files("", ".csproj", ".props", ".targets").Concat(RepositoryFolder.Files("wwwroot-assets", ".json"))
                .SelectMany(file => PackageName.Matches(File.ReadAllText(file)))
                .Select(match => match.Groups["name"].Value),
        ];

        Assert.Contains("MudBlazor", names);
        Assert.Contains("@huggingface/jinja", names);
        Assert.DoesNotContain(names, name => s_reporters.Any(reporter => name.Contains(reporter, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void No_address_of_another_host_is_written_into_the_code()
    {
        IEnumerable<string> found =
            from file in RepositoryFolder.Files("RftConsole.Web", ".cs", ".razor").Concat(RepositoryFolder.Files("RftConsole.Training", ".cs", ".py"))
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && !line.TrimStart().StartsWith('#')
            from Match address in Address.Matches(line)
            where !IsOwnOrName(address.Groups["host"].Value) && !IsHub(file, address.Value)
            select $"{Path.GetRelativePath(RepositoryFolder.Root, file)}: {address.Value}";

        Assert.Empty(found);
    }

    /// <summary>Where models are downloaded from when a user asks for one: written down once, and replaced by a setting.</summary>
    private static bool IsHub(string file, string address) => address == "https://huggingface.co" && file.EndsWith(Path.Combine("Hub", "HubModel.cs"), StringComparison.Ordinal);

    /// <summary>This machine, hosts reserved for examples (RFC 2606), and XML namespaces, which are names that nobody calls.</summary>
    private static bool IsOwnOrName(string host) =>
        host is "127.0.0.1" or "0.0.0.0" or "localhost" or "www.w3.org" or "json-schema.org" || host.EndsWith(".example", StringComparison.Ordinal);

    private static IEnumerable<string> Fetches(IEnumerable<string> files) =>
        from file in files
        from Match fetch in Fetch.Matches(File.ReadAllText(file))
        select $"{file}: {fetch.Value}";

    /// <summary>The files behind the console's static assets, as its build lists them.</summary>
    private static IEnumerable<string> ServedFiles()
    {
        string manifest = Path.Combine(RepositoryFolder.ConsoleOutput, "RftConsole.Web.staticwebassets.runtime.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(manifest));
        string[] roots = [.. document.RootElement.GetProperty("ContentRoots").EnumerateArray().Select(root => root.GetString()!)];
        return [.. AssetsOf(document.RootElement.GetProperty("Root"), roots)];
    }

    private static IEnumerable<string> AssetsOf(JsonElement node, string[] roots)
    {
        if (node.TryGetProperty("Asset", out JsonElement asset) && asset.ValueKind == JsonValueKind.Object)
        {
            yield return Path.Combine(roots[asset.GetProperty("ContentRootIndex").GetInt32()], asset.GetProperty("SubPath").GetString()!);
        }

        if (node.TryGetProperty("Children", out JsonElement children) && children.ValueKind == JsonValueKind.Object)
        {
            foreach (string file in children.EnumerateObject().SelectMany(child => AssetsOf(child.Value, roots)))
            {
                yield return file;
            }
        }
    }

    [GeneratedRegex("""
        <(?:script|link|img|iframe|source|video|audio|embed|object|use|image)\b[^>]*?\b(?:src|srcset|href|data)\s*=\s*["']?(?:https?:)?//
        |url\(\s*["']?\s*(?:https?:)?//
        |@import\s*["'](?:https?:)?//
        |\bfrom\s*["'](?:https?:)?//
        |\b(?:import|importScripts|fetch|sendBeacon|WebSocket|EventSource|Worker)\(\s*["'`](?:https?:|wss?:)?//
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex Fetch { get; }

    [GeneratedRegex("""\b(?:https?|wss?)://(?<host>[A-Za-z0-9.-]+\.[A-Za-z0-9]+|localhost)""")]
    private static partial Regex Address { get; }

    [GeneratedRegex("""(?:Include="|"(?:node_modules/)?)(?<name>@?[\w./-]+)"(?:\s+Version|\s*/>|:)""")]
    private static partial Regex PackageName { get; }
}
