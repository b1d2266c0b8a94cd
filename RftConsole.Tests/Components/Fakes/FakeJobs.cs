using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Jobs in memory. A test sets what they hold and says when there is news.</summary>
public sealed class FakeJobs : IJobs, IRollouts
{
    private readonly Dictionary<string, JobDetails> _jobs = [];
    private readonly Dictionary<string, List<StepMetrics>> _metrics = [];
    private readonly Dictionary<string, List<Rollout>> _rollouts = [];

    public FakeNews News { get; } = new();

    /// <summary>What the wizard handed over, in order.</summary>
    public List<JobSpecification> Created { get; } = [];

    public List<JobSpecification> Estimated { get; } = [];

    public List<string> Stopped { get; } = [];

    public List<string> Deleted { get; } = [];

    public string? RefuseCreation { get; set; }

    public string? RefuseEstimate { get; set; }

    public JobDetails this[string id]
    {
        get => _jobs[id];
        set => _jobs[id] = value;
    }

    public void AddMetrics(string id, params StepMetrics[] steps)
    {
        List<StepMetrics> all = _metrics.TryGetValue(id, out List<StepMetrics>? known) ? known : _metrics[id] = [];
        foreach (StepMetrics step in steps)
        {
            int index = all.FindIndex(one => one.Step == step.Step);
            if (index < 0)
            {
                all.Add(step);
            }
            else
            {
                all[index] = new StepMetrics(step.Step, all[index].Values.Concat(step.Values).ToDictionary());
            }
        }
    }

    public void AddRollouts(string id, params Rollout[] rollouts)
    {
        _rollouts.TryAdd(id, []);
        _rollouts[id].AddRange(rollouts);
    }

    public Task<IReadOnlyList<JobSummary>> ListAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<JobSummary>>([.. _jobs.Values.Select(job => job.Summary).OrderByDescending(job => job.CreatedAt)]);

    public Task<JobDetails?> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(_jobs.GetValueOrDefault(id));

    public Task<string> CreateAsync(JobSpecification specification, CancellationToken cancellationToken = default)
    {
        if (RefuseCreation is not null)
        {
            throw new UserInputException(RefuseCreation);
        }

        Created.Add(specification);
        return Task.FromResult("new-job");
    }

    /// <summary>What the next stop is refused with.</summary>
    public string? RefuseStop { get; set; }

    public Task StopAsync(string id, CancellationToken cancellationToken = default)
    {
        if (RefuseStop is { } refusal)
        {
            RefuseStop = null;
            throw new UserInputException(refusal);
        }

        Stopped.Add(id);
        _jobs[id] = _jobs[id] with { Summary = _jobs[id].Summary with { Status = JobStatus.Stopping } };
        return News.TellAsync();
    }

    /// <summary>What was done to jobs, in order, apart from what has a list of its own.</summary>
    public List<string> Done { get; } = [];

    public string? RefuseAction { get; set; }

    public Task PauseAsync(string id, CancellationToken cancellationToken = default)
    {
        Done.Add($"pause {id}");
        _jobs[id] = _jobs[id] with { Summary = _jobs[id].Summary with { Pausing = true } };
        return News.TellAsync();
    }

    public Task ProlongAsync(string id, JobExtension extension, CancellationToken cancellationToken = default)
    {
        if (RefuseAction is not null)
        {
            throw new UserInputException(RefuseAction);
        }

        Done.Add($"prolong {id} {extension.EpochCount} {extension.MaxSteps} {extension.EarlyStopping}");
        _jobs[id] = _jobs[id] with { Summary = _jobs[id].Summary with { Status = JobStatus.Queued } };
        return News.TellAsync();
    }

    public Task MoveAsync(string id, QueueMove move, CancellationToken cancellationToken = default)
    {
        Done.Add($"move {id} {move}");
        return News.TellAsync();
    }

    public Task ChangeTagsAsync(string id, TagChange change, CancellationToken cancellationToken = default)
    {
        _jobs[id] = _jobs[id] with { Summary = _jobs[id].Summary with { Tags = change.Apply(_jobs[id].Summary.Tags) } };
        return News.TellAsync();
    }

    public Task<long> FreeSpaceAsync(string id, CancellationToken cancellationToken = default)
    {
        Done.Add($"free {id}");
        return Task.FromResult(_jobs[id].Storage.SpareBytes);
    }

    public Task ResumeAsync(string id, CancellationToken cancellationToken = default)
    {
        _jobs[id] = _jobs[id] with { Summary = _jobs[id].Summary with { Status = JobStatus.Queued } };
        return News.TellAsync();
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        Deleted.Add(id);
        _jobs.Remove(id);
        return News.TellAsync();
    }

    public Task<IReadOnlyList<StepMetrics>> MetricsAsync(string id, int afterStep = -1, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<StepMetrics>>([.. _metrics.GetValueOrDefault(id, []).Where(step => step.Step > afterStep).OrderBy(step => step.Step)]);

    public Task<IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>>> RewardCurvesAsync(IReadOnlyCollection<JobSummary> jobs, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyDictionary<string, IReadOnlyList<RewardPoint>>>(jobs.ToDictionary(
            job => job.Id,
            job => (IReadOnlyList<RewardPoint>)[.. _metrics.GetValueOrDefault(job.Id, []).Where(step => step.Values.ContainsKey(MetricNames.Reward)).Select(step => new RewardPoint(step.Step, step.Values[MetricNames.Reward]))]));

    public Task<RolloutPage> RolloutsAsync(RolloutQuery query, CancellationToken cancellationToken = default) => PageAsync(query, cancellationToken);

    /// <summary>What reading the text of rollouts throws.</summary>
    public Exception? Locked { get; set; }

    public Task<RolloutPage> PageAsync(RolloutQuery query, CancellationToken cancellationToken = default)
    {
        if (Locked is not null && query.Take > 0)
        {
            return Task.FromException<RolloutPage>(Locked);
        }

        Rollout[] matching = [.. _rollouts.GetValueOrDefault(query.JobId, [])
            .Where(rollout => query.Step is null || rollout.Step == query.Step)
            .Where(rollout => query.LeastReward is null || rollout.Reward >= query.LeastReward)
            .Where(rollout => query.Search is null || rollout.Prompt.Contains(query.Search, StringComparison.OrdinalIgnoreCase) || rollout.Completion.Contains(query.Search, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(rollout => rollout.Step).ThenBy(rollout => rollout.PromptIndex).ThenBy(rollout => rollout.SampleIndex)];
        return Task.FromResult(new RolloutPage([.. matching.Skip(query.Skip).Take(query.Take)], matching.Length));
    }

    /// <summary>The tokens of every group, by sample.</summary>
    public List<IReadOnlyList<RolloutToken>> Tokens { get; } = [];

    public Task<IReadOnlyList<Rollout>> GroupAsync(string jobId, int step, int promptIndex, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Rollout>>([.. _rollouts.GetValueOrDefault(jobId, []).Where(rollout => rollout.Step == step && rollout.PromptIndex == promptIndex)]);

    public Task<int> PromptsAsync(string jobId, int step, CancellationToken cancellationToken = default) =>
        Task.FromResult(_rollouts.GetValueOrDefault(jobId, []).Where(rollout => rollout.Step == step).Select(rollout => rollout.PromptIndex + 1).DefaultIfEmpty().Max());

    public Task<IReadOnlyList<RolloutMoment>> HistoryAsync(string jobId, string recordId, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<RolloutMoment>>([.. _rollouts[jobId].Where(rollout => rollout.RecordId == recordId).GroupBy(rollout => (rollout.Step, rollout.PromptIndex)).Select(group => new RolloutMoment(group.Key.Step, group.Key.PromptIndex, [.. group]))]);

    public Task<IReadOnlyList<IReadOnlyList<RolloutToken>>> TokensAsync(string jobId, int step, int promptIndex, bool withBase, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<IReadOnlyList<RolloutToken>>>([.. Tokens.Select(answer => answer.Select(token => withBase ? token : token with { Base = null }).ToArray())]);

    public Task<JobEstimate> EstimateAsync(JobSpecification specification, CancellationToken cancellationToken = default)
    {
        Estimated.Add(specification);
        if (RefuseEstimate is not null)
        {
            throw new UserInputException(RefuseEstimate);
        }

        Hyperparameters given = specification.Hyperparameters;
        return Task.FromResult(new JobEstimate(TimeSpan.FromSeconds(192), 640L << 20, 40, given with
        {
            BatchSize = given.BatchSize ?? 16,
            LearningRate = given.LearningRate ?? 0.002,
            MaxPromptLength = given.MaxPromptLength ?? 256,
            InferenceMaxTokens = given.InferenceMaxTokens ?? 96,
            EvalInterval = given.EvalInterval ?? 10,
        }));
    }

    public IDisposable Subscribe(string? jobId, Func<Task> changed) => News.Subscribe(changed);
}
