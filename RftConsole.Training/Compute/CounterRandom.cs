namespace RftConsole.Training.Compute;

/// <summary>
/// Counter-based random numbers: each is a pure function of a seed and up to four counters, so there is no generator state to save,
/// a resumed run draws what the uninterrupted run would have drawn, and work can be placed on any thread.
/// </summary>
/// <remarks>
/// A chain of SplitMix64 finalisers (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), one per counter:
/// every counter is mixed into all 64 bits before the next one is added.
/// </remarks>
public static class CounterRandom
{
    private const ulong Gamma = 0x9e3779b97f4a7c15;

    /// <summary>64 random bits for (<paramref name="seed"/>, <paramref name="a"/>, <paramref name="b"/>, <paramref name="c"/>, <paramref name="d"/>).</summary>
    public static ulong Bits(ulong seed, ulong a, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        ulong state = Mix(seed + Gamma);
        state = Mix(state + a + Gamma);
        state = Mix(state + b + Gamma);
        state = Mix(state + c + Gamma);
        return Mix(state + d + Gamma);
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong seed, ulong a, ulong b = 0, ulong c = 0, ulong d = 0) => (Bits(seed, a, b, c, d) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A standard normal number (Box and Muller) for the counters.</summary>
    public static double Normal(ulong seed, ulong a, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - Uniform(seed, a, b, c, 2 * d)));
        return radius * Math.Cos(2.0 * Math.PI * Uniform(seed, a, b, c, (2 * d) + 1));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
