using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Jobs;

namespace RftConsole.Web.Rewards;

/// <summary>A response that a person has graded.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Record">What was answered.</param>
/// <param name="Response">The response.</param>
/// <param name="Grade">0 is a fail, 1 a pass; between them a score.</param>
public sealed record GradedExample(string Id, TrainingRecord Record, string Response, double Grade);

/// <summary>Small sets of hand-graded examples, kept with a reward function to compare it with.</summary>
public interface IGradedExamples
{
    /// <summary>In the order in which they were graded.</summary>
    Task<IReadOnlyList<GradedExample>> ListAsync(string rewardId, CancellationToken cancellationToken = default);

    /// <summary>Keeps a grade; one for the same prompt and response takes its place.</summary>
    /// <exception cref="UserInputException">The function has been deleted, or the grade lies outside 0 to 1.</exception>
    Task GradeAsync(string rewardId, TrainingRecord record, string response, double grade, CancellationToken cancellationToken = default);

    /// <summary>Keeps a grade of a job's rollout, with the whole record that it answered.</summary>
    /// <exception cref="UserInputException">The function has been deleted.</exception>
    Task GradeAsync(string rewardId, string jobId, Rollout rollout, double grade, CancellationToken cancellationToken = default);

    /// <summary>Forgets an example.</summary>
    Task RemoveAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Calls <paramref name="changed"/> when there is news; dispose to end.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
