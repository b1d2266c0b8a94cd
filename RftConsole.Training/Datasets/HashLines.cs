namespace RftConsole.Training.Datasets;

/// <summary>
/// 64-bit hashes, each with a number, such as that of the line that had it first: open addressing in two plain arrays, because a
/// dictionary takes more than twice the memory, and in shards, so that growing copies little at a time.
/// Among a million hashes two different texts share one with a probability of 3·10⁻⁸.
/// </summary>
internal sealed class HashLines
{
    private readonly Shard?[] _shards = new Shard?[256];

    /// <summary>Takes a hash.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="line">Its line; any number but 0.</param>
    /// <param name="first">The line that had it first; 0 where this one does.</param>
    /// <returns>False where it was there.</returns>
    public bool TryAdd(ulong hash, int line, out int first) => (_shards[hash >> 56] ??= new Shard()).TryAdd(hash, line, out first);

    /// <summary>The line that had a hash first; null for one that none had.</summary>
    public int? LineOf(ulong hash) => _shards[hash >> 56]?.LineOf(hash) is { } line and not 0 ? line : null;

    private sealed class Shard
    {
        private ulong[] _hashes = new ulong[8];
        private int[] _lines = new int[8];
        private int _count;

        public int LineOf(ulong hash) => _lines[Find(hash)];

        public bool TryAdd(ulong hash, int line, out int first)
        {
            if (_count * 4L >= _hashes.Length * 3L)
            {
                Grow();
            }

            var slot = Find(hash);
            first = _lines[slot];
            if (first != 0)
            {
                return false;
            }

            (_hashes[slot], _lines[slot]) = (hash, line);
            _count++;
            return true;
        }

        private int Find(ulong hash)
        {
            var mask = _hashes.Length - 1;
            var slot = (int)(hash >> 20) & mask;
            while (_lines[slot] != 0 && _hashes[slot] != hash)
            {
                slot = (slot + 1) & mask;
            }

            return slot;
        }

        private void Grow()
        {
            var (hashes, lines) = (_hashes, _lines);
            _hashes = new ulong[hashes.Length * 2];
            _lines = new int[hashes.Length * 2];
            for (var i = 0; i < hashes.Length; i++)
            {
                if (lines[i] != 0)
                {
                    var slot = Find(hashes[i]);
                    (_hashes[slot], _lines[slot]) = (hashes[i], lines[i]);
                }
            }
        }
    }
}
