using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Web.Evaluation;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Validation prompts in memory, and a reward function that likes one word.</summary>
public sealed class FakeComparison : IModelComparison, IValidationSets
{
    /// <summary>The answer that earns a reward of 1.</summary>
    public string Right { get; set; } = "right";

    public List<ValidationSet> Sets { get; } = [];

    /// <summary>Comparisons that were asked for.</summary>
    public List<ComparisonRequest> Requests { get; } = [];

    /// <summary>What a comparison finds, report by report; the last one ends it.</summary>
    public Func<ComparisonRequest, IProgress<ComparisonProgress>, CancellationToken, Task> Compare { get; set; } = (_, _, _) => Task.CompletedTask;

    public Task<IReadOnlyList<ValidationSource>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<ValidationSource>>([.. Sets.Select(set => set.Source)]);

    public Task<ValidationSet> FindAsync(string id, CancellationToken cancellationToken = default) => Task.FromResult(Sets.First(set => set.Source.Id == id));

    public Task<IReadOnlyList<RewardResult>> GradeAsync(ValidationSet set, TrainingRecord record, IReadOnlyList<string> answers, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<RewardResult>>([.. answers.Select(answer => Grade(record.Id, answer == Right ? 1 : 0))]);

    public Task RunAsync(ValidationSet set, ComparisonRequest request, IProgress<ComparisonProgress> progress, CancellationToken cancellationToken = default)
    {
        Requests.Add(request);
        return Compare(request, progress, cancellationToken);
    }

    public static RewardResult Grade(string id, double score) => new(id, score, [], null, "");

    public static ComparedAnswer Answer(string text, double score) => new(text, 3, false, Grade("r", score), null);
}
