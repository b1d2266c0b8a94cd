using Microsoft.AspNetCore.Components;

using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Pages;

/// <summary>The overview: custom models and jobs.</summary>
public sealed partial class HomePage
{
    private const int RecentJobs = 10;

    private IReadOnlyList<JobSummary>? _jobs;
    private IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>> _rewards = new Dictionary<string, IReadOnlyList<RewardPoint>>();
    private IReadOnlyList<CustomModel>? _models;
    private IReadOnlyList<Deployment> _deployments = [];

    [Inject]
    public required IJobs Jobs { get; init; }

    [Inject]
    public required ICustomModels Models { get; init; }

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Jobs.Subscribe(null, changed), Models.Subscribe(changed), Deployments.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JobSummary> jobs = await Jobs.ListAsync(cancellationToken);
        _rewards = await Jobs.RewardCurvesAsync([.. jobs.Take(RecentJobs)], cancellationToken);
        _jobs = jobs;
        _models = await Models.ListAsync(cancellationToken);
        _deployments = await Deployments.ListAsync(cancellationToken);
    }

    private Task LoadAgainAsync() => LoadAsync(CancellationToken.None);

    private void Create() => Navigation.NavigateTo("/jobs/create");
}
