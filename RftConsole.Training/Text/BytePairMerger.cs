using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// The merging step of byte-level byte-pair encoding: one word's bytes become token ids by joining, again and again, the
/// neighbouring pair with the lowest rank (the leftmost of equals).
/// </summary>
/// <remarks>Immutable after construction, so safe on any thread.</remarks>
internal sealed class BytePairMerger
{
    /// <summary>Up to here scanning for the lowest rank beats keeping a heap; longer words must not take quadratic time.</summary>
    private const int LongestScannedWord = 48;

    private const int NoRank = int.MaxValue;

    private readonly int[] _idOfByte;
    private readonly Dictionary<ulong, Merge> _merges;
    private readonly Dictionary<string, int>? _wholeWords;
    private readonly int? _unknownId;
    private readonly bool _fuseUnknown;

    /// <param name="vocabulary">Token in the byte-level alphabet → id.</param>
    /// <param name="merges">Rank order; <see cref="BytePair.Merged"/> is the joined token's id.</param>
    /// <param name="ignoreMerges">A word that is itself a token is taken whole, whatever the merges would make of it.</param>
    /// <param name="unknownId">The id for a byte that the vocabulary lacks; null leaves such bytes out, as the format defines it.</param>
    /// <param name="fuseUnknown">Neighbouring unknown bytes become one unknown token.</param>
    public BytePairMerger(Dictionary<string, int> vocabulary, IReadOnlyList<BytePair> merges, bool ignoreMerges, int? unknownId, bool fuseUnknown)
    {
        _idOfByte = new int[256];
        for (var value = 0; value < _idOfByte.Length; value++)
        {
            _idOfByte[value] = vocabulary.GetValueOrDefault(ByteLevelAlphabet.ToChar((byte)value).ToString(), -1);
        }

        _merges = new Dictionary<ulong, Merge>(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            _merges[Key(merges[rank].Left, merges[rank].Right)] = new Merge(rank, merges[rank].Merged);
        }

        _wholeWords = ignoreMerges ? vocabulary : null;
        _unknownId = unknownId;
        _fuseUnknown = fuseUnknown;
    }

    /// <summary>The token ids of one word, which the pre-tokenizer has cut out.</summary>
    public int[] Encode(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        if (_wholeWords is not null && _wholeWords.TryGetValue(ByteLevelAlphabet.Encode(bytes), out var whole))
        {
            return [whole];
        }

        var symbols = new int[bytes.Length];
        var count = StartingSymbols(bytes, symbols);
        count = count <= LongestScannedWord ? MergeByScanning(symbols, count) : MergeByHeap(symbols, count);
        return symbols.AsSpan(0, count).ToArray();
    }

    private int StartingSymbols(ReadOnlySpan<byte> bytes, Span<int> symbols)
    {
        var count = 0;
        var afterUnknown = false;
        foreach (var value in bytes)
        {
            var id = _idOfByte[value];
            if (id >= 0)
            {
                symbols[count++] = id;
            }
            else if (_unknownId is { } unknown && !(afterUnknown && _fuseUnknown))
            {
                symbols[count++] = unknown;
            }

            afterUnknown = id < 0;
        }

        return count;
    }

    private int MergeByScanning(Span<int> symbols, int count)
    {
        Span<int> ranks = stackalloc int[LongestScannedWord];
        for (var i = 0; i + 1 < count; i++)
        {
            ranks[i] = Find(symbols[i], symbols[i + 1]).Rank;
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best])
                {
                    best = i;
                }
            }

            if (ranks[best] == NoRank)
            {
                break;
            }

            symbols[best] = Find(symbols[best], symbols[best + 1]).Merged;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            count--;
            if (best + 1 < count)
            {
                ranks[best] = Find(symbols[best], symbols[best + 1]).Rank;
            }

            if (best > 0)
            {
                ranks[best - 1] = Find(symbols[best - 1], symbols[best]).Rank;
            }
        }

        return count;
    }

    private int MergeByHeap(Span<int> symbols, int count)
    {
        const int gone = -1;
        var previous = new int[count];
        var next = new int[count];
        var heap = new PriorityQueue<Candidate, (int Rank, int Position)>();
        for (var i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
        }

        for (var i = 0; i + 1 < count; i++)
        {
            Push(symbols, i, i + 1);
        }

        while (heap.TryDequeue(out var candidate, out _))
        {
            var (left, right) = (candidate.Left, candidate.Right);
            // A candidate goes stale when either half has been merged with another neighbour since it was pushed.
            if (symbols[left] != candidate.LeftId || symbols[right] != candidate.RightId || next[left] != right)
            {
                continue;
            }

            symbols[left] = candidate.Merged;
            symbols[right] = gone;
            next[left] = next[right];
            if (next[left] < count)
            {
                previous[next[left]] = left;
                Push(symbols, left, next[left]);
            }

            if (previous[left] >= 0)
            {
                Push(symbols, previous[left], left);
            }
        }

        var kept = 0;
        for (var i = 0; i < count; i = next[i])
        {
            symbols[kept++] = symbols[i];
        }

        return kept;

        void Push(Span<int> ids, int left, int right)
        {
            var merge = Find(ids[left], ids[right]);
            if (merge.Rank != NoRank)
            {
                heap.Enqueue(new Candidate(left, right, ids[left], ids[right], merge.Merged), (merge.Rank, left));
            }
        }
    }

    private Merge Find(int left, int right) =>
        _merges.TryGetValue(Key(left, right), out var merge) ? merge : new Merge(NoRank, -1);

    // The odd factor spreads the pairs over the hash table; as a bijection it keeps different pairs different.
    private static ulong Key(int left, int right) => (((ulong)(uint)left << 32) | (uint)right) * 0x9E3779B97F4A7C15UL;

    private readonly record struct Merge(int Rank, int Merged);

    private readonly record struct Candidate(int Left, int Right, int LeftId, int RightId, int Merged);
}

/// <summary>One merge: the ids of both halves and of the token they form.</summary>
internal readonly record struct BytePair(int Left, int Right, int Merged);
