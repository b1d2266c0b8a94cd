namespace RftConsole.Training.Starter;

/// <summary>Assigns problems to partitions.</summary>
internal static class StarterPartitions
{
    /// <summary>One problem in 64 goes to each of the three sample partitions.</summary>
    private const ulong Residues = 64;

    /// <summary>The partition of a problem.</summary>
    /// <param name="problem">What the problem is, without the words that merely phrase it.</param>
    public static StarterPartition Of(string problem) =>
        (StarterPartition)Math.Min(Draw.StableHash(problem) % Residues, (ulong)StarterPartition.Pretraining);

    /// <summary>Draws problems until one belongs to <paramref name="partition"/>.</summary>
    public static T DrawFrom<T>(StarterPartition partition, Draw draw, Func<Draw, T> problem, Func<T, string> key)
    {
        T drawn;
        do
        {
            drawn = problem(draw);
        }
        while (Of(key(drawn)) != partition);
        return drawn;
    }
}
