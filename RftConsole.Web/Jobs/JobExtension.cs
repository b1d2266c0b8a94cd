using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Optimisation;

namespace RftConsole.Web.Jobs;

/// <summary>How much longer an ended job is to train. It goes on from its last checkpoint, and ends as if it had been so long from the start.</summary>
/// <param name="EpochCount">Passes over the training prompts, those already made included.</param>
/// <param name="MaxSteps">Steps at most, those already made included; null for all epochs.</param>
/// <param name="EarlyStopping">Whether it may end before.</param>
public sealed record JobExtension(int EpochCount, int? MaxSteps, bool EarlyStopping)
{
    /// <summary>Why a job cannot be prolonged; null where it can.</summary>
    public static string? Obstacle(Hyperparameters hyperparameters) => hyperparameters.Schedule == LearningRateSchedule.Constant
        ? null
        : $"Its learning rate follows a {hyperparameters.Schedule.ToString().ToLowerInvariant()} schedule, which ends with its last step. Continue from its model with a new job.";

    /// <summary>Steps that a job makes with this extension.</summary>
    /// <param name="plan">What the job resolved when it last ran.</param>
    public int TotalSteps(JobPlanned plan) => HyperparameterRules.TotalSteps(plan.Hyperparameters with { EpochCount = EpochCount, MaxSteps = MaxSteps }, plan.TrainingPrompts);

    /// <summary>The job's specification with this extension.</summary>
    /// <exception cref="UserInputException">It cannot be prolonged, or this does not make it longer.</exception>
    public JobSpecification Apply(JobSpecification job, JobPlanned? plan, int stepsDone)
    {
        if (Obstacle(job.Hyperparameters) is { } obstacle)
        {
            throw new UserInputException(obstacle);
        }

        Hyperparameters longer = job.Hyperparameters with { EpochCount = EpochCount, MaxSteps = MaxSteps, EarlyStopping = EarlyStopping };
        HyperparameterRules.Check(longer, int.MaxValue);
        return plan is null || TotalSteps(plan) > stepsDone
            ? job with { Hyperparameters = longer }
            : throw new UserInputException($"These make {TotalSteps(plan)} steps, and {stepsDone} are made already: raise Epochs, or Maximum steps where it is set.");
    }
}
