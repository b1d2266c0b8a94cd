namespace RftConsole.Training.Starter;

/// <summary>
/// A stream of random numbers that is a pure function of (seed, stream name, index), so that any document of the corpus can be made
/// on its own and in any order. SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figure 17.
/// </summary>
internal sealed class Draw
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <param name="seed">The recipe's seed.</param>
    /// <param name="stream">What the numbers are for: streams of different names are independent.</param>
    /// <param name="index">The document within the stream.</param>
    public Draw(ulong seed, string stream, long index)
    {
        _state = Mix(Mix(seed + GoldenGamma) ^ StableHash(stream)) ^ Mix((ulong)index + GoldenGamma);
    }

    /// <summary>A uniform number in [0, <paramref name="count"/>).</summary>
    public int Next(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (int)Math.BigMul(NextBits(), (ulong)count, out _);
    }

    /// <summary>A uniform number in [<paramref name="least"/>, <paramref name="most"/>], both included.</summary>
    public int Between(int least, int most) => least + Next(most - least + 1);

    /// <summary>A uniform number in [0, 1).</summary>
    public double NextShare() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextShare() < probability;

    /// <summary>One of <paramref name="items"/>, each as likely as the others.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>One of <paramref name="items"/> that is not <paramref name="other"/>.</summary>
    public T PickOther<T>(IReadOnlyList<T> items, T other)
    {
        T picked;
        do
        {
            picked = Pick(items);
        }
        while (EqualityComparer<T>.Default.Equals(picked, other));
        return picked;
    }

    /// <summary><paramref name="items"/> in an order of which all are equally likely.</summary>
    public List<T> Shuffled<T>(IReadOnlyList<T> items)
    {
        List<T> shuffled = [.. items];
        for (int i = shuffled.Count - 1; i > 0; i--)
        {
            int other = Next(i + 1);
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }

        return shuffled;
    }

    /// <summary>The index of one of <paramref name="weights"/>, as likely as its share of their sum.</summary>
    public int PickWeighted(IReadOnlyList<double> weights)
    {
        double left = NextShare() * weights.Sum();
        for (int i = 0; i < weights.Count - 1; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return weights.Count - 1;
    }

    /// <summary>A hash of <paramref name="text"/> that is the same in every process (FNV-1a over UTF-16, then mixed).</summary>
    public static ulong StableHash(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        return Mix(hash);
    }

    private ulong NextBits()
    {
        _state += GoldenGamma;
        return Mix(_state);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
