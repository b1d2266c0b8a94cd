namespace RftConsole.Training.Rewards;

/// <summary>How a reward function is called, and what it may use up.</summary>
public sealed record RewardOptions
{
    /// <summary>The longest time limit that a sample or a batch may have.</summary>
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(15);

    /// <summary>Most samples of one call.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The score of a sample that the user's code could not grade.</summary>
    public double FailureScore { get; init; }

    /// <summary>Wall-clock limit of a call with one sample.</summary>
    public TimeSpan SampleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wall-clock limit of a call with several samples.</summary>
    public TimeSpan BatchTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Address space of a process of the function, in bytes.</summary>
    public long MemoryLimit { get; init; } = 512L << 20;

    /// <summary>Bytes that one call may print before it is stopped.</summary>
    public int OutputLimit { get; init; } = 1 << 20;

    /// <summary>Bytes of the printed text that a result keeps.</summary>
    public int OutputKept { get; init; } = 8 << 10;

    /// <summary>Bytes of one file, and of the folder for temporary files.</summary>
    public long FileLimit { get; init; } = 64L << 20;

    /// <summary>Processes and threads that exist at a time.</summary>
    public int ProcessLimit { get; init; } = 16;

    /// <summary>How often a call is tried again after a failure of infrastructure.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the first retry; it doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock that retries wait by.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <exception cref="UserInputException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(BatchSize is >= 1 and <= 4096, "rewardBatchSize", BatchSize, "a number from 1 to 4096");
        Require(double.IsFinite(FailureScore), "failureScore", FailureScore, "a finite number");
        Require(SampleTimeout > TimeSpan.Zero && SampleTimeout <= LongestTimeout, "the time limit of a sample", SampleTimeout, "more than nothing and at most 15 minutes");
        Require(BatchTimeout > TimeSpan.Zero && BatchTimeout <= LongestTimeout, "the time limit of a batch", BatchTimeout, "more than nothing and at most 15 minutes");
        Require(MemoryLimit >= 64L << 20, "the memory limit of a reward function", MemoryLimit, "at least 64 MB");
        Require(OutputLimit is >= 1024 and <= 64 << 20, "the output limit of a reward function", OutputLimit, "from 1 KB to 64 MB");
        Require(FileLimit >= 1 << 16, "the file limit of a reward function", FileLimit, "at least 64 KB");
        Require(ProcessLimit is >= 1 and <= 1024, "the process limit of a reward function", ProcessLimit, "a number from 1 to 1024");
    }

    private static void Require(bool holds, string field, object value, string rule)
    {
        if (!holds)
        {
            throw new UserInputException(FormattableString.Invariant($"{field} is {value}; it must be {rule}."));
        }
    }
}
