using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>
/// What is kept of a prompt to compare it with others: its pairs of neighbouring words as hashes, all of a short prompt and the smallest
/// of a long one (Broder, On the resemblance and containment of documents, 1997), and minima under several hash functions to look for
/// candidates by. Case, spaces and punctuation do not count; the system turn does not either, because a whole file usually shares it.
/// Numbers and operators must be the same: other numbers are another problem.
/// </summary>
internal sealed class PromptSketch
{
    /// <summary>Hash functions of which the minimum is kept.</summary>
    public const int Minima = 32;

    /// <summary>The share of common word pairs from which on prompts count as near-duplicates.</summary>
    private const double Alike = 0.75;

    /// <summary>Up to here the resemblance is exact; beyond, its standard error is at most 0.03.</summary>
    private const int MostPairs = 256;

    private static readonly (uint[] Factors, uint[] Offsets) s_functions = Functions();

    private readonly uint[] _pairs;

    private PromptSketch(uint[] pairs, uint[] lowest, ulong numbers)
    {
        _pairs = pairs;
        Lowest = lowest;
        Numbers = numbers;
    }

    /// <summary>The minima.</summary>
    public uint[] Lowest { get; }

    /// <summary>A hash of numbers and operators, in their order.</summary>
    public ulong Numbers { get; }

    /// <summary>The sketch of a prompt; null where it has no word.</summary>
    public static PromptSketch? Of(IReadOnlyList<ChatMessage> messages)
    {
        var numbers = 0UL;
        var pairs = PairsOf(messages, ref numbers);
        if (pairs.Count == 0)
        {
            return null;
        }

        var lowest = new uint[Minima];
        lowest.AsSpan().Fill(uint.MaxValue);
        Lower(lowest, CollectionsMarshal.AsSpan(pairs));
        pairs.Sort();
        return new PromptSketch([.. pairs.Distinct().Take(MostPairs)], lowest, numbers);
    }

    /// <summary>Whether numbers and operators are equal and most word pairs are common.</summary>
    public bool IsSimilarTo(PromptSketch other)
    {
        if (Numbers != other.Numbers)
        {
            return false;
        }

        // The smallest of both together are a sample of the union; those that both have are its intersection.
        var (i, j, union, common) = (0, 0, 0, 0);
        while (union < MostPairs && (i < _pairs.Length || j < other._pairs.Length))
        {
            var left = i < _pairs.Length ? _pairs[i] : ulong.MaxValue;
            var right = j < other._pairs.Length ? other._pairs[j] : ulong.MaxValue;
            i += left <= right ? 1 : 0;
            j += right <= left ? 1 : 0;
            common += left == right ? 1 : 0;
            union++;
        }

        return common >= Alike * union;
    }

    private static List<uint> PairsOf(IReadOnlyList<ChatMessage> messages, ref ulong numbers)
    {
        var pairs = new List<uint>();
        var words = new WordHashes();
        ulong previous = 0;
        foreach (var message in messages)
        {
            if (message.Role == "system")
            {
                continue;
            }

            words.Begin(message.Content);
            while (words.Next(out var word))
            {
                if (previous != 0)
                {
                    pairs.Add(Mix(previous * 0x9E3779B97F4A7C15UL + word));
                }

                previous = word;
            }
        }

        if (pairs.Count == 0 && previous != 0)
        {
            pairs.Add(Mix(previous));
        }

        numbers = words.Numbers;
        return pairs;
    }

    /// <remarks>Optimised at once, like the other loops here: a check is over before a method has been found to be hot.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lower(Span<uint> minima, ReadOnlySpan<uint> pairs)
    {
        var (factors, offsets) = s_functions;
        for (var i = 0; i < Minima; i += Vector<uint>.Count)
        {
            var (factor, offset) = (new Vector<uint>(factors, i), new Vector<uint>(offsets, i));
            var lowest = new Vector<uint>(uint.MaxValue);
            foreach (var pair in pairs)
            {
                lowest = Vector.Min(lowest, new Vector<uint>(pair) * factor + offset);
            }

            lowest.CopyTo(minima[i..]);
        }
    }

    /// <summary>The finaliser of MurmurHash3.</summary>
    private static uint Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDUL;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53UL;
        return (uint)(value >> 32);
    }

    private static (uint[] Factors, uint[] Offsets) Functions()
    {
        var factors = new uint[Minima];
        var offsets = new uint[Minima];
        for (var i = 0; i < Minima; i++)
        {
            factors[i] = Mix((ulong)i * 2 + 1) | 1;
            offsets[i] = Mix((ulong)i * 2 + 2);
        }

        return (factors, offsets);
    }
}
