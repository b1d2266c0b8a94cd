using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Network;

namespace RftConsole.Training.Rewards;

/// <summary>What reward functions use beside their specification.</summary>
public sealed record RewardServices
{
    /// <summary>The models of this process, for judges that run in it; null where there are none.</summary>
    public ModelHost? Models { get; init; }

    /// <summary>The value of a named secret: an environment variable, or one of the console's store. Null where there is none.</summary>
    public Func<string, string?> Secret { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>What the function may call.</summary>
    public OutboundPolicy Network { get; init; } = OutboundPolicy.Unrestricted;

    /// <summary>Of what judges compute in this process.</summary>
    public WorkPriority Priority { get; init; } = WorkPriority.Training;

    /// <summary>Where answers of remote judges are kept between two runs of a job; null to keep them in memory only.</summary>
    public string? Folder { get; init; }

    /// <summary>Hears a code and a message of what the user should know although scoring goes on. Called by one scoring at a time, before it returns.</summary>
    public Func<string, string, ValueTask> Warn { get; init; } = (_, _) => ValueTask.CompletedTask;

    /// <summary>What is put around a job's reward function, for experiments such as a control; null for nothing.</summary>
    public Func<IRewardFunction, IRewardFunction>? Decorate { get; init; }
}
