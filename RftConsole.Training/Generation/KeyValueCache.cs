using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;

using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Keys and values of a prompt, computed once and read by all continuations of it.</summary>
internal sealed class CachedPrompt(DecoderConfig config, int length) : IDisposable
{
    /// <summary>Tokens of the prompt.</summary>
    public int Length { get; } = length;

    /// <summary>Keys as columns: for each layer and head, <c>[head size, tokens]</c>.</summary>
    public RowBuffer Keys { get; } = new(length, (long)config.LayerCount * config.KeyValueHeadCount * config.HeadSize);

    /// <summary>Values as rows: for each layer and head, <c>[tokens, head size]</c>.</summary>
    public RowBuffer Values { get; } = new(config.HeadSize, (long)config.LayerCount * config.KeyValueHeadCount * length);

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}

/// <summary>Room for the keys and values of some tokens of one continuation, laid out as a prompt's.</summary>
internal sealed class CacheBlock(DecoderConfig config) : IDisposable
{
    /// <summary>Tokens of a block.</summary>
    public const int Tokens = 64;

    public RowBuffer Keys { get; } = new(Tokens, (long)config.LayerCount * config.KeyValueHeadCount * config.HeadSize);

    public RowBuffer Values { get; } = new(config.HeadSize, (long)config.LayerCount * config.KeyValueHeadCount * Tokens);

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}

/// <summary>What one continuation has of its own in the cache.</summary>
internal sealed class CachedContinuation(CachedPrompt prompt)
{
    public CachedPrompt Prompt { get; } = prompt;

    public List<CacheBlock> Blocks { get; } = [];

    /// <summary>Own tokens in the cache.</summary>
    public int Length { get; set; }
}

/// <summary>A part of a prompt that goes through a pass.</summary>
/// <param name="Prompt">Where it belongs.</param>
/// <param name="Start">Its first token.</param>
/// <param name="Count">Its tokens.</param>
internal sealed record PromptPart(CachedPrompt Prompt, int Start, int Count);

/// <summary>
/// Attention over cached keys and values. A prompt's are kept once for all its continuations, which act as so many queries on them; each continuation has blocks
/// of its own, handed out as it grows and taken back when it ends. Use it on the compute thread.
/// </summary>
internal sealed unsafe class KeyValueCache(DecoderConfig config, WorkerTeam team) : IRowAttention, IDisposable
{
    /// <summary>Queries of one piece of work.</summary>
    private const int MostQueries = 48;

    /// <summary>So many pieces for each thread are enough for all of them to end at about the same time.</summary>
    private const int PiecesPerThread = 8;

    private readonly Stack<CacheBlock> _free = new();
    private readonly float _scale = (float)(1 / Math.Sqrt(config.HeadSize));
    private readonly int _shared = config.HeadCount / config.KeyValueHeadCount;
    private readonly long _valueStride = Tile.RoundUp(config.HeadSize, Tile.Lanes);
    private (PromptPart Part, int FirstRow)[] _parts = [];
    private Piece[] _pieces = [];

    /// <summary>Memory of a continuation's own keys and values.</summary>
    public static long BytesOf(DecoderConfig config, long tokens) =>
        2L * sizeof(float) * config.LayerCount * config.KeyValueHeadCount * Tile.RoundUp(config.HeadSize, Tile.Lanes) * Tile.RoundUp(tokens, CacheBlock.Tokens);

    /// <summary>The next pass runs these parts of prompts, one after the other.</summary>
    public void PlanPrompts(IReadOnlyList<PromptPart> parts)
    {
        var plan = new List<(PromptPart, int)>();
        var pieces = new List<Piece>();
        int row = 0;
        int most = Math.Max(1, MostQueries / _shared);
        foreach (var part in parts)
        {
            plan.Add((part, row));
            for (int first = 0; first < part.Count; first += most)
            {
                pieces.Add(new(part.Prompt, null, row + first, Math.Min(most, part.Count - first), part.Start + first));
            }

            row += part.Count;
        }

        (_parts, _pieces) = ([.. plan], [.. pieces]);
    }

    /// <summary>The next pass runs one more token of each of these continuations; those of a prompt stand together.</summary>
    public void PlanContinuations(IReadOnlyList<CachedContinuation> rows)
    {
        var pieces = new List<Piece>();
        int most = Math.Max(1, MostQueries / _shared);
        for (int first = 0; first < rows.Count;)
        {
            int count = 1;
            while (first + count < rows.Count && count < most && rows[first + count].Prompt == rows[first].Prompt)
            {
                count++;
            }

            pieces.Add(new(rows[first].Prompt, [.. rows.Skip(first).Take(count)], first, count, 0));
            first += count;
        }

        foreach (var row in rows)
        {
            if (row.Length == row.Blocks.Count * CacheBlock.Tokens)
            {
                row.Blocks.Add(_free.TryPop(out var block) ? block : new CacheBlock(config));
            }
        }

        (_parts, _pieces) = ([], [.. pieces]);
    }

    /// <summary>Takes back the blocks of a continuation that has ended.</summary>
    public void Release(CachedContinuation continuation)
    {
        continuation.Blocks.ForEach(_free.Push);
        continuation.Blocks.Clear();
    }

    public void Attend(int layer, RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer attended)
    {
        int heads = config.KeyValueHeadCount;
        if (_parts.Length > 0)
        {
            team.Run(_parts.Length * heads, i => StorePrompt(_parts[i / heads], layer, i % heads, key, value));
        }

        // Where there are pieces enough for all threads, each takes all heads of one: they lie side by side in memory.
        int atATime = _pieces.Length >= PiecesPerThread * team.Size ? heads : 1;
        team.Run(_pieces.Length * heads / atATime, i =>
        {
            for (int j = i * atATime; j < (i + 1) * atATime; j++)
            {
                var piece = _pieces[j / heads];
                if (piece.Continuations is null)
                {
                    AttendPrompt(piece, layer, j % heads, query, attended);
                }
                else
                {
                    AttendContinuations(piece, layer, j % heads, query, key, value, attended);
                }
            }
        });
    }

    public void Dispose()
    {
        while (_free.TryPop(out var block))
        {
            block.Dispose();
        }
    }

    private void StorePrompt((PromptPart Part, int FirstRow) plan, int layer, int head, RowBuffer key, RowBuffer value)
    {
        var (part, row) = plan;
        long size = config.HeadSize, place = ((long)layer * config.KeyValueHeadCount) + head;
        Tile.Transpose(key.Row(row) + (head * size), key.Stride, part.Count, size, part.Prompt.Keys.Row(place * size) + part.Start, part.Prompt.Keys.Stride);
        for (int i = 0; i < part.Count; i++)
        {
            RowKernels.Copy(value.Row(row + i) + (head * size), part.Prompt.Values.Row((place * part.Prompt.Length) + part.Start + i), size);
        }
    }

    private void AttendPrompt(Piece piece, int layer, int head, RowBuffer query, RowBuffer attended)
    {
        long size = config.HeadSize, place = ((long)layer * config.KeyValueHeadCount) + head;
        int queries = piece.Count * _shared;
        int seen = piece.Start + piece.Count;
        float* q = Gather(piece, head, query);
        long stride = piece.Prompt.Keys.Stride;
        float* scores = Scratch.Rows(1, queries, stride);
        float* result = Scratch.Rows(2, queries, _valueStride);
        Tile.Multiply(q, _valueStride, piece.Prompt.Keys.Row(place * size), stride, size, scores, stride, queries, seen, accumulate: false);
        for (int i = 0; i < queries; i++)
        {
            // A token sees those before it and itself; the rest of the piece's columns counts nothing.
            int visible = piece.Start + (i / _shared) + 1;
            Softmax.Of(scores + (i * stride), visible, null, 0);
            new Span<float>(scores + (i * stride) + visible, seen - visible).Clear();
        }

        Tile.Multiply(scores, stride, piece.Prompt.Values.Row(place * piece.Prompt.Length), _valueStride, seen, result, _valueStride, queries, size, accumulate: false);
        Scatter(piece, head, result, attended);
    }

    private void AttendContinuations(Piece piece, int layer, int head, RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer attended)
    {
        var continuations = piece.Continuations!;
        long size = config.HeadSize, place = ((long)layer * config.KeyValueHeadCount) + head;
        int queries = piece.Count * _shared;
        float* q = Gather(piece, head, query);
        long ownColumn = piece.Prompt.Keys.Stride;
        long stride = ownColumn + (continuations.Max(x => x.Blocks.Count) * CacheBlock.Tokens);
        float* scores = Scratch.Rows(1, queries + Tile.Rows, stride);
        float* result = Scratch.Rows(2, queries, _valueStride);
        float* part = Scratch.Rows(3, Tile.RoundUp(_shared, Tile.Rows), _valueStride);
        Tile.Multiply(q, _valueStride, piece.Prompt.Keys.Row(place * size), piece.Prompt.Keys.Stride, size, scores, stride, queries, piece.Prompt.Length, accumulate: false);
        for (int i = 0; i < piece.Count; i++)
        {
            if (i + 1 < piece.Count)
            {
                Fetch(continuations[i + 1], place);
            }

            var row = continuations[i];
            var (last, at) = (row.Blocks[row.Length / CacheBlock.Tokens], row.Length % CacheBlock.Tokens);
            Tile.Transpose(key.Row(piece.FirstRow + i) + (head * size), size, 1, size, last.Keys.Row(place * size) + at, CacheBlock.Tokens);
            RowKernels.Copy(value.Row(piece.FirstRow + i) + (head * size), last.Values.Row((place * CacheBlock.Tokens) + at), size);

            // Whole tiles reach into the next rows' columns, which are written after them.
            for (int block = 0; block * CacheBlock.Tokens <= row.Length; block++)
            {
                long tokens = Math.Min(CacheBlock.Tokens, row.Length + 1 - (block * CacheBlock.Tokens));
                Tile.Multiply(
                    q + (i * _shared * _valueStride), _valueStride, row.Blocks[block].Keys.Row(place * size), CacheBlock.Tokens, size, scores + (i * _shared * stride) + ownColumn + (block * CacheBlock.Tokens), stride, _shared, tokens, accumulate: false);
            }
        }

        for (int i = 0; i < queries; i++)
        {
            float* s = scores + (i * stride);
            Softmax.Of(s, piece.Prompt.Length, s + ownColumn, continuations[i / _shared].Length + 1);
        }

        Tile.Multiply(scores, stride, piece.Prompt.Values.Row(place * piece.Prompt.Length), _valueStride, piece.Prompt.Length, result, _valueStride, queries, size, accumulate: false);
        for (int i = 0; i < piece.Count; i++)
        {
            // The sum goes on where the prompt's ended, as in one product over all tokens; whole tiles would reach into the next rows, so it is done aside.
            var row = continuations[i];
            float* own = result + (i * _shared * _valueStride);
            RowKernels.Copy(own, part, _shared * _valueStride);
            for (int block = 0; block * CacheBlock.Tokens <= row.Length; block++)
            {
                long tokens = Math.Min(CacheBlock.Tokens, row.Length + 1 - (block * CacheBlock.Tokens));
                Tile.Multiply(
                    scores + (i * _shared * stride) + ownColumn + (block * CacheBlock.Tokens), stride, row.Blocks[block].Values.Row(place * CacheBlock.Tokens), _valueStride, tokens, part, _valueStride, _shared, size, accumulate: true);
            }

            RowKernels.Copy(part, own, _shared * _valueStride);
        }

        Scatter(piece, head, result, attended);
    }

    /// <summary>Asks for the keys and values of a continuation, which lie too scattered for the processor to foresee.</summary>
    private void Fetch(CachedContinuation row, long place)
    {
        for (int block = 0; Sse.IsSupported && block < row.Blocks.Count; block++)
        {
            long tokens = Math.Min(CacheBlock.Tokens, row.Length + 1 - (block * CacheBlock.Tokens));
            float* keys = row.Blocks[block].Keys.Row(place * config.HeadSize);
            for (int i = 0; i < config.HeadSize; i++)
            {
                for (long token = 0; token < tokens; token += Tile.Lanes)
                {
                    Sse.Prefetch1(keys + (i * CacheBlock.Tokens) + token);
                }
            }

            float* values = row.Blocks[block].Values.Row(place * CacheBlock.Tokens);
            for (long i = 0; i < tokens * _valueStride; i += Tile.Lanes)
            {
                Sse.Prefetch1(values + i);
            }
        }
    }

    /// <summary>The scaled queries of a piece's rows on one key head: query heads that share it, and rows, become so many rows.</summary>
    private float* Gather(Piece piece, int head, RowBuffer query)
    {
        int size = config.HeadSize;
        float* q = Scratch.Rows(0, (piece.Count * _shared) + Tile.Rows, _valueStride);
        for (int i = 0; i < piece.Count; i++)
        {
            float* from = query.Row(piece.FirstRow + i) + (head * _shared * size);
            for (int j = 0; j < _shared; j++)
            {
                TensorPrimitives.Multiply(new ReadOnlySpan<float>(from + (j * size), size), _scale, new Span<float>(q + (((i * _shared) + j) * _valueStride), size));
            }
        }

        return q;
    }

    private void Scatter(Piece piece, int head, float* result, RowBuffer attended)
    {
        int size = config.HeadSize;
        for (int i = 0; i < piece.Count; i++)
        {
            float* to = attended.Row(piece.FirstRow + i) + (head * _shared * size);
            for (int j = 0; j < _shared; j++)
            {
                RowKernels.Copy(result + (((i * _shared) + j) * _valueStride), to + (j * size), size);
            }
        }
    }

    /// <summary>Rows of one prompt that are attended for together.</summary>
    /// <param name="Prompt">What they share.</param>
    /// <param name="Continuations">One a row; null where the rows are the prompt's own.</param>
    /// <param name="FirstRow">The first of the pass' rows.</param>
    /// <param name="Count">Rows.</param>
    /// <param name="Start">Where they are the prompt's own: the place of the first one.</param>
    private sealed record Piece(CachedPrompt Prompt, CachedContinuation[]? Continuations, int FirstRow, int Count, int Start);
}
