using Microsoft.AspNetCore.Components;

using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Pages;

/// <summary>All jobs.</summary>
public sealed partial class JobsPage
{
    private IReadOnlyList<JobSummary>? _jobs;

    /// <summary>The jobs.</summary>
    [Inject]
    public required IJobs Jobs { get; init; }

    /// <summary>Leads to the wizard.</summary>
    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _jobs = await Jobs.ListAsync(cancellationToken);
}
