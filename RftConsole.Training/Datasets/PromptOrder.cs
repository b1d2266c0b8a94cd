using RftConsole.Training.Compute;

namespace RftConsole.Training.Datasets;

/// <summary>In which order an epoch goes through the prompts: a pure function of seed and epoch, so that a resumed job needs no saved state.</summary>
public static class PromptOrder
{
    /// <summary>A permutation of 0 … <paramref name="count"/> − 1.</summary>
    /// <param name="count">The number of prompts.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="epoch">Counted from 0; each has an order of its own.</param>
    public static int[] Epoch(int count, ulong seed, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return SeededPermutation.Of(count, seed, RandomStream.PromptOrder, (ulong)epoch);
    }
}

/// <summary>The shuffle of Fisher and Yates over counter-based random numbers.</summary>
internal static class SeededPermutation
{
    public static int[] Of(int count, ulong seed, ulong stream, ulong part = 0)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            // The high half of bits × bound is uniform up to 2⁻³², a bias of no consequence here.
            var j = (int)Math.BigMul(CounterRandom.Bits(seed, stream, part, (ulong)i), (ulong)i + 1, out _);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
