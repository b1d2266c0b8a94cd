namespace RftConsole.Training.Compute;

/// <summary>The first counter of each use of <see cref="CounterRandom"/>, so that no two uses of a job's seed draw the same numbers.</summary>
public static class RandomStream
{
    public const ulong AdapterInitialisation = 1;
    public const ulong PromptOrder = 2;
    public const ulong HeldOut = 3;
    public const ulong Rollouts = 4;
    public const ulong Evaluation = 5;
    public const ulong WeightInitialisation = 6;
    public const ulong Chat = 7;
    public const ulong DryRun = 8;
    public const ulong Control = 9;
}
