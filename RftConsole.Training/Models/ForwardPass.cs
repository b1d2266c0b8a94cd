using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>
/// Runs tokens through a decoder, layer by layer. Every row is a function of its own token and of what it attends to: which rows are computed beside it changes
/// nothing, to the last bit. Use it on the compute thread.
/// </summary>
internal sealed unsafe class ForwardPass : IDisposable
{
    private readonly Decoder _decoder;
    private readonly DecoderConfig _config;
    private readonly WorkerTeam _team;
    private readonly LayerActivations[] _sets;
    private readonly RowBuffer _last;
    private readonly RowBuffer _normed;
    private readonly RowBuffer _product;
    private int _rows;
    private int[] _positions = [];
    private LoraFactors?[]? _rowAdapters;

    /// <param name="decoder">The model.</param>
    /// <param name="team">The threads.</param>
    /// <param name="keep">Whether every layer's activations are kept, for the way back.</param>
    public ForwardPass(Decoder decoder, WorkerTeam team, bool keep)
    {
        (_decoder, _config, _team) = (decoder, decoder.Config, team);
        _sets = [.. Enumerable.Range(0, keep ? _config.LayerCount : 1).Select(_ => new LayerActivations(_config))];
        _last = new RowBuffer(_config.HiddenSize);
        _normed = new RowBuffer(_config.HiddenSize);
        _product = new RowBuffer(_config.IntermediateSize);
    }

    /// <summary>The residual stream after the last layer.</summary>
    public RowBuffer Last => _last;

    /// <summary>Activations of a layer; of the last one that ran, where they are not kept.</summary>
    public LayerActivations Of(int layer) => _sets[layer % _sets.Length];

    /// <summary>Positions of the rows.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, _rows);

    /// <summary>Runs all layers.</summary>
    public void Run(ReadOnlySpan<int> ids, ReadOnlySpan<int> positions, IRowAttention attention, LoraFactors? adapter)
    {
        Begin(ids, positions);
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            RunLayer(layer, attention, adapter);
        }
    }

    /// <summary>Runs all layers where each row has an adapter of its own, or none: a row becomes what it becomes in a pass of one adapter, to the last bit.</summary>
    public void RunMixed(ReadOnlySpan<int> ids, ReadOnlySpan<int> positions, IRowAttention attention, LoraFactors?[] adapters)
    {
        if (Array.TrueForAll(adapters, x => x == adapters[0]))
        {
            Run(ids, positions, attention, adapters[0]);
            return;
        }

        _rowAdapters = adapters;
        try
        {
            Run(ids, positions, attention, adapter: null);
        }
        finally
        {
            _rowAdapters = null;
        }
    }

    /// <summary>Looks up the embeddings; <see cref="RunLayer"/> follows for each layer in order.</summary>
    public void Begin(ReadOnlySpan<int> ids, ReadOnlySpan<int> positions)
    {
        _rows = ids.Length;
        _positions = positions.ToArray();
        foreach (var set in _sets)
        {
            set.Reserve(_rows);
        }

        _last.Reserve(_rows);
        _normed.Reserve(_rows);
        _product.Reserve(_rows);
        int highest = 0;
        foreach (int position in _positions)
        {
            highest = Math.Max(highest, position);
        }

        _decoder.Rotary.Reserve(highest + 1);
        int[] tokens = ids.ToArray();
        var input = Of(0).Input;
        RowKernels.ForEach(_team, _rows, _config.HiddenSize, i => _decoder.Embedding.CopyOutput(tokens[i], input.Row(i)));
    }

    /// <summary>Runs one layer.</summary>
    public void RunLayer(int index, IRowAttention attention, LoraFactors? adapter)
    {
        var layer = _decoder.Layers[index];
        var a = Of(index);
        var next = index + 1 < _config.LayerCount ? Of(index + 1).Input : _last;
        NormInput(index, _normed);
        var (query, key) = (a.PlainQuery ?? a.Query, a.PlainKey ?? a.Key);
        Linears(index, _normed, adapter, a, (LinearTarget.Query, query), (LinearTarget.Key, key), (LinearTarget.Value, a.Value));
        RowKernels.ForEach(_team, _rows, a.Query.Width, i => FinishHeads(layer, a, i));
        attention.Attend(index, a.Query, a.Key, a.Value, a.Attended);

        RowKernels.ForEach(_team, _rows, _config.HiddenSize, i => RowKernels.Copy(a.Input.Row(i), a.Middle.Row(i), _config.HiddenSize));
        Linears(index, a.Attended, adapter, a, (LinearTarget.Output, a.Middle));

        NormMiddle(index, _normed);
        Linears(index, _normed, adapter, a, (LinearTarget.Gate, a.Gate), (LinearTarget.Up, a.Up));
        Product(index, _product);
        RowKernels.ForEach(_team, _rows, _config.HiddenSize, i => RowKernels.Copy(a.Middle.Row(i), next.Row(i), _config.HiddenSize));
        Linears(index, _product, adapter, a, (LinearTarget.Down, next));
    }

    /// <summary>The input of a layer's attention: computed on the way forward, and again on the way back.</summary>
    public void NormInput(int index, RowBuffer normed)
    {
        var a = Of(index);
        var norm = _decoder.Layers[index].InputNorm;
        RowKernels.ForEach(_team, _rows, _config.HiddenSize, i => a.InverseNorms.Row(i)[0] = RowKernels.RmsNorm(a.Input.Row(i), norm.Pointer, normed.Row(i), _config.HiddenSize, _config.NormEpsilon));
    }

    /// <summary>The input of a layer's MLP: computed on the way forward, and again on the way back.</summary>
    public void NormMiddle(int index, RowBuffer normed)
    {
        var a = Of(index);
        var norm = _decoder.Layers[index].PostAttentionNorm;
        RowKernels.ForEach(_team, _rows, _config.HiddenSize, i => a.InverseNorms.Row(i)[1] = RowKernels.RmsNorm(a.Middle.Row(i), norm.Pointer, normed.Row(i), _config.HiddenSize, _config.NormEpsilon));
    }

    /// <summary>The input of a layer's last linear layer: computed on the way forward, and again on the way back.</summary>
    public void Product(int index, RowBuffer product)
    {
        var a = Of(index);
        RowKernels.ForEach(_team, _rows, 4L * _config.IntermediateSize, i => RowKernels.SwiGlu(a.Gate.Row(i), a.Up.Row(i), product.Row(i), _config.IntermediateSize));
    }

    /// <summary>The last norm of some rows: what the output layer reads.</summary>
    /// <param name="rows">Indices of rows.</param>
    /// <param name="normed">Gets them in this order.</param>
    public void NormLast(ReadOnlySpan<int> rows, RowBuffer normed)
    {
        normed.Reserve(rows.Length);
        int[] chosen = rows.ToArray();
        RowKernels.ForEach(_team, chosen.Length, _config.HiddenSize, i => RowKernels.RmsNorm(_last.Row(chosen[i]), _decoder.Norm.Pointer, normed.Row(i), _config.HiddenSize, _config.NormEpsilon));
    }

    /// <summary>Logits <c>[rows, vocabulary]</c> of rows that went through the last norm.</summary>
    public void Logits(RowBuffer normed, long first, int rows, RowBuffer logits)
    {
        logits.Reserve(rows);
        Kernels.Product.Forward(_team, normed.Row(first), normed.Stride, rows, new LinearLayer(_decoder.OutputWeight, (nint)logits.Pointer, logits.Stride));
    }

    public void Dispose()
    {
        foreach (var set in _sets)
        {
            set.Dispose();
        }

        _last.Dispose();
        _normed.Dispose();
        _product.Dispose();
    }

    /// <summary>Norms (Qwen3) and rotates a row's queries and keys.</summary>
    private void FinishHeads(DecoderLayer layer, LayerActivations a, int row)
    {
        int size = _config.HeadSize;
        if (a.PlainQuery is not null)
        {
            for (int head = 0; head < _config.HeadCount; head++)
            {
                RowKernels.RmsNorm(a.PlainQuery.Row(row) + (head * size), layer.QueryNorm!.Pointer, a.Query.Row(row) + (head * size), size, _config.NormEpsilon);
            }

            for (int head = 0; head < _config.KeyValueHeadCount; head++)
            {
                RowKernels.RmsNorm(a.PlainKey!.Row(row) + (head * size), layer.KeyNorm!.Pointer, a.Key.Row(row) + (head * size), size, _config.NormEpsilon);
            }
        }

        _decoder.Rotary.Rotate(a.Query.Row(row), _config.HeadCount, _positions[row]);
        _decoder.Rotary.Rotate(a.Key.Row(row), _config.KeyValueHeadCount, _positions[row]);
    }

    /// <summary>Linear layers of one input, with bias and adapter. Those that write into the residual stream are added to what is there.</summary>
    private void Linears(int index, RowBuffer input, LoraFactors? adapter, LayerActivations a, params ReadOnlySpan<(LinearTarget Target, RowBuffer Output)> outputs)
    {
        var layer = _decoder.Layers[index];
        var low = new List<LinearLayer>();
        var full = new List<LinearLayer>();
        foreach (var (target, output) in outputs)
        {
            if (layer.Bias(target) is { } bias)
            {
                RowKernels.ForEach(_team, _rows, output.Width, i => RowKernels.Copy(bias.Pointer, output.Row(i), output.Width));
            }

            bool accumulate = layer.Bias(target) is not null || target is LinearTarget.Output or LinearTarget.Down;
            var product = new LinearLayer(layer[target], (nint)output.Pointer, output.Stride, accumulate);
            if (adapter?.Find(index, target) is { } factor)
            {
                var u = a.Low(target, factor.Rank);
                u.Reserve(_rows);
                low.Add(new(factor.Down, (nint)u.Pointer, u.Stride));
                product = product with { Up = factor.Up, Low = (nint)u.Pointer, LowStride = u.Stride };
            }

            full.Add(product);
        }

        if (low.Count > 0)
        {
            Kernels.Product.Forward(_team, input.Pointer, input.Stride, _rows, [.. low]);
        }

        Kernels.Product.Forward(_team, input.Pointer, input.Stride, _rows, [.. full]);
        if (_rowAdapters is { } adapters)
        {
            AddAdapters(index, input, adapters, outputs);
        }
    }

    /// <summary>Adds to each row what its own adapter adds; the base model's product is done for all of them together.</summary>
    private void AddAdapters(int index, RowBuffer input, LoraFactors?[] adapters, ReadOnlySpan<(LinearTarget Target, RowBuffer Output)> outputs)
    {
        var targets = outputs.ToArray();
        _team.Run(_rows, row =>
        {
            foreach (var (target, output) in targets)
            {
                if (adapters[row]?.Find(index, target) is { } factor)
                {
                    Kernels.Product.AddLowRank(input.Row(row), factor.Down, factor.Up, output.Row(row));
                }
            }
        });
    }
}
