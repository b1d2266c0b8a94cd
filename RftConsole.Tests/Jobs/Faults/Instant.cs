using System.Globalization;

namespace RftConsole.Tests.Jobs.Faults;

/// <summary>A point in the life of a job at which it is killed, drawn from a seed.</summary>
/// <param name="Kind">How it is found from outside.</param>
/// <param name="Number">Which one: of the lines, of the changes of files, of the steps.</param>
/// <param name="Milliseconds">How long the process lives after that.</param>
internal sealed record Instant(InstantKind Kind, int Number, int Milliseconds)
{
    /// <summary>The <paramref name="index"/>-th instant of the campaign; the kinds come in turn, so that the shortest one has each.</summary>
    public static Instant Draw(int index)
    {
        var random = Campaign.Draw(index);
        var kinds = Enum.GetValues<InstantKind>();
        return new(kinds[index % kinds.Length], random.Next(1, 9), random.Next(0, 400));
    }

    /// <summary>Waits for the instant. False where the process ended before.</summary>
    public async Task<bool> ReachedAsync(JobProcess process, string folder)
    {
        switch (Kind)
        {
            case InstantKind.AtLine:
                int lines = 0;
                return await process.SeesAsync(_ => ++lines > Number * 4);
            case InstantKind.WhileStaging:
                return await FileChanges.SeesAsync(Path.Combine(folder, "checkpoints"), ".staged-", Number, process.LogEnds);
            case InstantKind.WhileAppending:
                return await FileChanges.SeesAsync(folder, ".jsonl", Number, process.LogEnds);
            case InstantKind.InRewardCall:
                return await BeganTrainingAsync(process) && await StepsAsync(process, Number % 3) && await process.IsInRewardCallAsync();
            case InstantKind.InValidation:
                // The base model's, or the one that follows a step that is due; its reward call is the sign.
                return await BeganTrainingAsync(process) && (Number % 2 == 0 || await process.SeesAsync(IsDueStep)) && await process.IsInRewardCallAsync();
            default:
                return await BeganTrainingAsync(process) && !await EndsWithinAsync(process);
        }
    }

    private static Task<bool> BeganTrainingAsync(JobProcess process) => process.SeesAsync(x => x == "Training: InProgress");

    private static bool IsDueStep(string line) =>
        line.StartsWith("step ", StringComparison.Ordinal) && int.Parse(line[5..line.IndexOf('/', StringComparison.Ordinal)], CultureInfo.InvariantCulture) % SmallJob.Specification.Hyperparameters.EvalInterval == 0;

    private static async Task<bool> StepsAsync(JobProcess process, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!await process.SeesAsync(x => x.StartsWith("step ", StringComparison.Ordinal)))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> EndsWithinAsync(JobProcess process)
    {
        try
        {
            await process.LogEnds.WaitAsync(TimeSpan.FromMilliseconds(Milliseconds * 8));
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

/// <summary>How an <see cref="Instant"/> is found.</summary>
internal enum InstantKind
{
    /// <summary>At a line of the log.</summary>
    AtLine,

    /// <summary>At a change of a file of a checkpoint that is being written.</summary>
    WhileStaging,

    /// <summary>While a call of the reward function is under way.</summary>
    InRewardCall,

    /// <summary>At any time.</summary>
    AnyTime,

    /// <summary>While a validation is graded.</summary>
    InValidation,

    /// <summary>At a change of metrics.jsonl or rollouts.jsonl.</summary>
    WhileAppending,
}
