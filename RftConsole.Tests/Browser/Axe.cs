using Microsoft.Playwright;

using RftConsole.Tests.Repository;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>The accessibility checker axe on pages of the console.</summary>
internal static class Axe
{
    /// <summary>Addresses that every console has, whatever is in it.</summary>
    public static IReadOnlyList<string> Addresses { get; } =
    [
        "/", "/samples", "/samples/arithmetic", "/jobs", "/jobs/create", "/jobs/create?section=data", "/jobs/create?section=reward", "/jobs/create?section=hyperparameters",
        "/jobs/create?section=output", "/jobs/create?section=additional", "/jobs/create?section=review", "/jobs/compare", "/jobs/nobody", "/models", "/models/nobody", "/deployments", "/playground", "/datasets", "/datasets/nobody", "/rewards", "/rewards/nobody",
        "/base-models", "/settings", "/audit-log", "/users", "/api-docs", "/nowhere",
    ];

    private static readonly Lazy<string> s_script = new(() => File.ReadAllText(Path.Combine(RepositoryFolder.Root, "RftConsole.Tests", "axe", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>Fails with all that axe finds at these addresses.</summary>
    public static async Task ExpectNothingAsync(ObservedPage observed, IEnumerable<string> addresses)
    {
        IReadOnlyList<string> violations = await ViolationsAsync(observed, addresses);
        Assert.True(violations.Count == 0, string.Join("\n\n", violations));
    }

    /// <summary>Every rule of axe that a page breaks at one of these addresses, with the element and what to do.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(ObservedPage observed, IEnumerable<string> addresses)
    {
        List<string> violations = [];
        foreach (string address in addresses)
        {
            await observed.GoAsync(address);
            await Expect(observed.Page.GetByRole(AriaRole.Progressbar, new() { Name = "Loading", Exact = true })).ToHaveCountAsync(0);

            // The theme's style elements arrive with the circuit: until then dark ink may stand on a dark ground.
            await observed.Page.WaitForFunctionAsync(
                "() => (parseInt(getComputedStyle(document.querySelector('h1')).color.match(/[0-9]+/)[0]) > 128) === matchMedia('(prefers-color-scheme: dark)').matches");
            await observed.Page.WaitForFunctionAsync("() => document.getAnimations().every(animation => animation.effect.getComputedTiming().endTime === Infinity)");
            await observed.Page.EvaluateAsync(s_script.Value);
            string[] found = await observed.Page.EvaluateAsync<string[]>(
                """
                async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
                    .flatMap(rule => rule.nodes.map(node => `${rule.id} at ${node.target.join(' ')}: ${node.failureSummary}`))
                """);
            violations.AddRange(found.Select(violation => $"{address}: {violation}"));
        }

        return violations;
    }
}
