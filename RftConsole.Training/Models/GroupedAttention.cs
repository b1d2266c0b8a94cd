using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>
/// Attention of packed prompts and completions, forward and back: a prompt attends to itself, a completion to its group's prompt and to itself. One piece of work
/// is one group and one key-value head. The weights are computed again on the way back instead of being kept (Dao et al., "FlashAttention", 2022, section 3.1).
/// </summary>
internal sealed unsafe class GroupedAttention(GroupedSequences layout, DecoderConfig config, WorkerTeam team) : IRowAttention
{
    /// <summary>Queries that are handled at a time.</summary>
    private const int MostQueries = 48;

    private readonly int _size = config.HeadSize;
    private readonly int _shared = config.HeadCount / config.KeyValueHeadCount;
    private readonly long _stride = Tile.RoundUp(config.HeadSize, Tile.Lanes);
    private readonly float _scale = (float)(1 / Math.Sqrt(config.HeadSize));

    /// <summary>The thread's buffers, by <see cref="Scratch"/> place.</summary>
    private enum Place
    {
        Query,
        Weights,
        Result,
        PromptKeys,
        PromptValues,
        OwnKeys,
        OwnValues,
        ResultGradient,
        WeightGradient,
        PromptKeyGradient,
        PromptValueGradient,
        OwnKeyGradient,
        OwnValueGradient,
    }

    public void Attend(int layer, RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer attended)
    {
        var rows = new Rows(query, key, value);
        team.Run(layout.Groups.Length * config.KeyValueHeadCount, index =>
        {
            var (group, head) = (layout.Groups[index / config.KeyValueHeadCount], index % config.KeyValueHeadCount);
            var prompt = new Columns(group.Prompt, Turn(Place.PromptKeys, rows.Key, group.Prompt, head), null, null, null);
            foreach (var queries in Cut(group.Prompt))
            {
                Forward(rows, head, queries, default, prompt, attended);
            }

            foreach (var completion in group.Completions.Where(x => x.Length > 0))
            {
                var own = new Columns(completion, Turn(Place.OwnKeys, rows.Key, completion, head), null, null, null);
                foreach (var queries in Cut(completion))
                {
                    Forward(rows, head, queries, prompt, own, attended);
                }
            }
        });
    }

    /// <summary>The way back: gradients with respect to queries, keys and values.</summary>
    /// <param name="query">Rotated queries.</param>
    /// <param name="key">Rotated keys.</param>
    /// <param name="value">Values.</param>
    /// <param name="gradient">Gradient with respect to the attended values.</param>
    /// <param name="dQuery">Gets the gradient with respect to the queries.</param>
    /// <param name="dKey">Gets the gradient with respect to the keys.</param>
    /// <param name="dValue">Gets the gradient with respect to the values.</param>
    public void Backward(RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer gradient, RowBuffer dQuery, RowBuffer dKey, RowBuffer dValue)
    {
        var rows = new Rows(query, key, value);
        team.Run(layout.Groups.Length * config.KeyValueHeadCount, index =>
        {
            var (group, head) = (layout.Groups[index / config.KeyValueHeadCount], index % config.KeyValueHeadCount);
            var prompt = BackColumns(rows, group.Prompt, head, Place.PromptKeys, Place.PromptValues, Place.PromptKeyGradient, Place.PromptValueGradient);
            foreach (var queries in Cut(group.Prompt))
            {
                Backward(rows, head, queries, default, prompt, gradient, dQuery);
            }

            foreach (var completion in group.Completions.Where(x => x.Length > 0))
            {
                var own = BackColumns(rows, completion, head, Place.OwnKeys, Place.OwnValues, Place.OwnKeyGradient, Place.OwnValueGradient);
                foreach (var queries in Cut(completion))
                {
                    Backward(rows, head, queries, prompt, own, gradient, dQuery);
                }

                Write(own, head, dKey, dValue);
            }

            Write(prompt, head, dKey, dValue);
        });
    }

    private void Forward(in Rows rows, int head, RowSpan queries, in Columns prompt, in Columns own, RowBuffer attended)
    {
        int count = queries.Length * _shared;
        float* weights = Weights(rows, head, queries, prompt, own);
        long stride = prompt.Padded + own.Padded;
        float* result = Get(Place.Result, count, _stride);
        bool withPrompt = prompt.Rows.Length > 0;
        if (withPrompt)
        {
            Tile.Multiply(weights, stride, rows.Value.Row(prompt.Rows.First) + (head * _size), rows.Value.Stride, prompt.Rows.Length, result, _stride, count, _size, accumulate: false);
        }

        Tile.Multiply(weights + prompt.Padded, stride, rows.Value.Row(own.Rows.First) + (head * _size), rows.Value.Stride, Seen(queries, own), result, _stride, count, _size, accumulate: withPrompt);
        Scatter(result, head, queries, attended, 1);
    }

    private void Backward(in Rows rows, int head, RowSpan queries, in Columns prompt, in Columns own, RowBuffer gradient, RowBuffer dQuery)
    {
        int count = queries.Length * _shared, seen = Seen(queries, own);
        float* weights = Weights(rows, head, queries, prompt, own);
        long stride = prompt.Padded + own.Padded;
        float* query = Get(Place.Query, count, _stride);
        float* dResult = Gather(Place.ResultGradient, head, queries, gradient, 1);
        float* dWeights = Get(Place.WeightGradient, count, stride);
        if (prompt.Rows.Length > 0)
        {
            Tile.Multiply(dResult, _stride, prompt.Values, prompt.Padded, _size, dWeights, stride, count, prompt.Rows.Length, accumulate: false);
        }

        Tile.Multiply(dResult, _stride, own.Values, own.Padded, _size, dWeights + prompt.Padded, stride, count, seen, accumulate: false);

        for (int i = 0; i < count; i++)
        {
            int visible = Visible(queries, own, i);
            float* d = dWeights + (i * stride);
            Softmax.Backward(weights + (i * stride), d, prompt.Padded + Tile.RoundUp(visible, Tile.Lanes));
            ClearUnseen(d + prompt.Padded, visible, seen);
        }

        float* result = Get(Place.Result, count, _stride);
        bool withPrompt = prompt.Rows.Length > 0;
        if (withPrompt)
        {
            Tile.Multiply(dWeights, stride, rows.Key.Row(prompt.Rows.First) + (head * _size), rows.Key.Stride, prompt.Rows.Length, result, _stride, count, _size, accumulate: false);
            AddTurned(weights, stride, count, prompt.Rows.Length, dResult, prompt.ValueGradient);
            AddTurned(dWeights, stride, count, prompt.Rows.Length, query, prompt.KeyGradient);
        }

        Tile.Multiply(dWeights + prompt.Padded, stride, rows.Key.Row(own.Rows.First) + (head * _size), rows.Key.Stride, seen, result, _stride, count, _size, accumulate: withPrompt);
        AddTurned(weights + prompt.Padded, stride, count, seen, dResult, own.ValueGradient);
        AddTurned(dWeights + prompt.Padded, stride, count, seen, query, own.KeyGradient);
        Scatter(result, head, queries, dQuery, _scale);
    }

    /// <summary>Softmax weights of some queries: on the prompt first, then, from a whole vector of columns on, on the own tokens up to the last one seen.</summary>
    private float* Weights(in Rows rows, int head, RowSpan queries, in Columns prompt, in Columns own)
    {
        int count = queries.Length * _shared, seen = Seen(queries, own);
        long stride = prompt.Padded + own.Padded;
        float* query = Gather(Place.Query, head, queries, rows.Query, _scale);
        float* weights = Get(Place.Weights, count, stride);
        if (prompt.Rows.Length > 0)
        {
            Tile.Multiply(query, _stride, prompt.Keys, prompt.Padded, _size, weights, stride, count, prompt.Rows.Length, accumulate: false);
        }

        Tile.Multiply(query, _stride, own.Keys, own.Padded, _size, weights + prompt.Padded, stride, count, seen, accumulate: false);
        for (int i = 0; i < count; i++)
        {
            float* row = weights + (i * stride);
            int visible = Visible(queries, own, i);
            Softmax.Of(row, prompt.Rows.Length, row + prompt.Padded, visible);
            ClearUnseen(row + prompt.Padded, visible, seen);
        }

        return weights;
    }

    /// <summary>C += Aᵀ·B for the <paramref name="columns"/> of A, those up to the next whole tile being zeros: what stands below these columns in C is later tokens'.</summary>
    private void AddTurned(float* a, long lda, int count, int columns, float* b, float* c) =>
        Tile.Multiply(a, 1, b, _stride, count, c, _stride, columns, _size, accumulate: true, step: lda);

    private Columns BackColumns(in Rows rows, RowSpan span, int head, Place keys, Place values, Place keyGradient, Place valueGradient)
    {
        float* dKeys = Get(keyGradient, span.Length, _stride);
        float* dValues = Get(valueGradient, span.Length, _stride);
        new Span<float>(dKeys, span.Length * (int)_stride).Clear();
        new Span<float>(dValues, span.Length * (int)_stride).Clear();
        return new(span, Turn(keys, rows.Key, span, head), Turn(values, rows.Value, span, head), dKeys, dValues);
    }

    private void Write(in Columns columns, int head, RowBuffer dKey, RowBuffer dValue)
    {
        for (int i = 0; i < columns.Rows.Length; i++)
        {
            RowKernels.Copy(columns.KeyGradient + (i * _stride), dKey.Row(columns.Rows.First + i) + (head * _size), _size);
            RowKernels.Copy(columns.ValueGradient + (i * _stride), dValue.Row(columns.Rows.First + i) + (head * _size), _size);
        }
    }

    /// <summary>One head of some rows as columns, <c>[head size, rows]</c>.</summary>
    private float* Turn(Place place, RowBuffer from, RowSpan rows, int head)
    {
        long stride = Tile.RoundUp(rows.Length, Tile.Lanes);
        float* to = Get(place, _size, stride);
        Tile.Transpose(from.Row(rows.First) + (head * _size), from.Stride, rows.Length, _size, to, stride);
        return to;
    }

    /// <summary>The heads of some rows that share a key head, one below the other.</summary>
    private float* Gather(Place place, int head, RowSpan rows, RowBuffer from, float factor)
    {
        float* to = Get(place, rows.Length * _shared, _stride);
        for (int i = 0; i < rows.Length * _shared; i++)
        {
            float* source = from.Row(rows.First + (i / _shared)) + (((head * _shared) + (i % _shared)) * _size);
            RowKernels.Scale(source, to + (i * _stride), _size, factor);
        }

        return to;
    }

    private void Scatter(float* from, int head, RowSpan rows, RowBuffer to, float factor)
    {
        for (int i = 0; i < rows.Length * _shared; i++)
        {
            float* target = to.Row(rows.First + (i / _shared)) + (((head * _shared) + (i % _shared)) * _size);
            RowKernels.Scale(from + (i * _stride), target, _size, factor);
        }
    }

    private IEnumerable<RowSpan> Cut(RowSpan rows)
    {
        int most = Math.Max(1, MostQueries / _shared);
        for (int first = 0; first < rows.Length; first += most)
        {
            yield return new(rows.First + first, Math.Min(most, rows.Length - first));
        }
    }

    /// <summary>Own tokens that the last of the queries sees.</summary>
    private static int Seen(RowSpan queries, in Columns own) => queries.First + queries.Length - own.Rows.First;

    /// <summary>Own tokens that one query sees.</summary>
    private int Visible(RowSpan queries, in Columns own, int query) => queries.First + (query / _shared) - own.Rows.First + 1;

    private static float* Get(Place place, long rows, long stride) => Scratch.Rows((int)place, rows + Tile.Rows, stride);

    /// <summary>Clears a row's weights of own tokens that its query does not see: to the end of the last tile that is read.</summary>
    private static void ClearUnseen(float* own, int visible, int seen) => new Span<float>(own + visible, (int)Tile.RoundUp(seen, Tile.Rows) - visible).Clear();

    private readonly record struct Rows(RowBuffer Query, RowBuffer Key, RowBuffer Value);

    /// <summary>What queries attend to: keys (and on the way back values) as columns, and where their gradients add up.</summary>
    private readonly ref struct Columns(RowSpan rows, float* keys, float* values, float* keyGradient, float* valueGradient)
    {
        public readonly RowSpan Rows = rows;

        public readonly float* Keys = keys;

        public readonly float* Values = values;

        public readonly float* KeyGradient = keyGradient;

        public readonly float* ValueGradient = valueGradient;

        /// <summary>Rows rounded up to whole vectors.</summary>
        public long Padded => Tile.RoundUp(Rows.Length, Tile.Lanes);
    }
}
