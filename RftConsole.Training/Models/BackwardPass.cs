using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>
/// The way back through a decoder, layer by layer, from the gradient with respect to the last residual stream. Gradients of weights are for
/// <see cref="IWeightGradients"/> to take on the way. Norms and the MLP's product are computed again; everything else was kept.
/// </summary>
internal sealed unsafe class BackwardPass(Decoder decoder, ForwardPass forward, IWeightGradients gradients, WorkerTeam team) : IDisposable
{
    private readonly DecoderConfig _config = decoder.Config;
    private readonly RowBuffer _normed = new(decoder.Config.HiddenSize);
    private readonly RowBuffer _dNormed = new(decoder.Config.HiddenSize);
    private readonly RowBuffer _product = new(decoder.Config.IntermediateSize);
    private readonly RowBuffer _dProduct = new(decoder.Config.IntermediateSize);
    private readonly RowBuffer _dAttended = new((long)decoder.Config.HeadCount * decoder.Config.HeadSize);
    private readonly RowBuffer _dQuery = new((long)decoder.Config.HeadCount * decoder.Config.HeadSize);
    private readonly RowBuffer _dKey = new((long)decoder.Config.KeyValueHeadCount * decoder.Config.HeadSize);
    private readonly RowBuffer _dValue = new((long)decoder.Config.KeyValueHeadCount * decoder.Config.HeadSize);
    private int _rows;

    /// <summary>The gradient with respect to the residual stream where the way back has come to; to be filled after <see cref="Begin"/>.</summary>
    public RowBuffer Gradient { get; } = new(decoder.Config.HiddenSize);

    /// <summary>Makes room for the rows of the forward pass and clears <see cref="Gradient"/>.</summary>
    public void Begin()
    {
        _rows = forward.Positions.Length;
        foreach (var buffer in (RowBuffer[])[Gradient, _normed, _dNormed, _product, _dProduct, _dAttended, _dQuery, _dKey, _dValue])
        {
            buffer.Reserve(_rows);
        }

        for (int i = 0; i < _rows; i++)
        {
            Gradient.Span(i).Clear();
        }
    }

    /// <summary>Adds to <see cref="Gradient"/> what comes through the last norm.</summary>
    /// <param name="rows">Rows that went through it, some perhaps more than once.</param>
    /// <param name="dNormed">The gradient with respect to each, in this order; overwritten.</param>
    public void ThroughLastNorm(ReadOnlySpan<int> rows, RowBuffer dNormed)
    {
        gradients.AddNorm(decoder.Norm, forward.Last, rows, dNormed, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            float* x = forward.Last.Row(rows[i]);
            RowKernels.RmsNormBackward(x, decoder.Norm.Pointer, RowKernels.InverseRms(x, _config.HiddenSize, _config.NormEpsilon), dNormed.Row(i), Gradient.Row(rows[i]), _config.HiddenSize, accumulate: true);
        }
    }

    /// <summary>Goes back through one layer.</summary>
    public void RunLayer(int index, GroupedAttention attention)
    {
        var layer = decoder.Layers[index];
        var a = forward.Of(index);

        forward.Product(index, _product);
        Linear(index, _product, _dProduct, (LinearTarget.Down, Gradient));
        RowKernels.ForEach(team, _rows, 6L * _config.IntermediateSize, i => RowKernels.SwiGluBackward(
            a.Gate.Row(i), a.Up.Row(i), _dProduct.Row(i), a.Gate.Row(i), a.Up.Row(i), _config.IntermediateSize));
        forward.NormMiddle(index, _normed);
        Linear(index, _normed, _dNormed, (LinearTarget.Gate, a.Gate), (LinearTarget.Up, a.Up));
        ThroughNorm(a.Middle, layer.PostAttentionNorm, a.InverseNorms, 1);

        Linear(index, a.Attended, _dAttended, (LinearTarget.Output, Gradient));
        attention.Backward(a.Query, a.Key, a.Value, _dAttended, _dQuery, _dKey, _dValue);
        RowKernels.ForEach(team, _rows, _dQuery.Width, i => ThroughHeads(layer, a, i));
        forward.NormInput(index, _normed);
        bool goesOn = index > 0 || gradients.IncludeEmbeddings;
        Linear(index, _normed, goesOn ? _dNormed : null, (LinearTarget.Query, _dQuery), (LinearTarget.Key, _dKey), (LinearTarget.Value, _dValue));
        if (goesOn)
        {
            ThroughNorm(a.Input, layer.InputNorm, a.InverseNorms, 0);
        }
    }

    public void Dispose()
    {
        foreach (var buffer in (RowBuffer[])[Gradient, _normed, _dNormed, _product, _dProduct, _dAttended, _dQuery, _dKey, _dValue])
        {
            buffer.Dispose();
        }
    }

    private void ThroughNorm(RowBuffer input, RowBuffer weight, RowBuffer inverses, int place)
    {
        gradients.AddNorm(weight, input, [], _dNormed, _rows);
        RowKernels.ForEach(
            team,
            _rows,
            _config.HiddenSize,
            i => RowKernels.RmsNormBackward(input.Row(i), weight.Pointer, inverses.Row(i)[place], _dNormed.Row(i), Gradient.Row(i), _config.HiddenSize, accumulate: true));
    }

    /// <summary>Turns a row's query and key gradients back and takes them through the norms of the heads (Qwen3).</summary>
    private void ThroughHeads(DecoderLayer layer, LayerActivations a, int row)
    {
        int position = forward.Positions[row];
        decoder.Rotary.Rotate(_dQuery.Row(row), _config.HeadCount, position, -1);
        decoder.Rotary.Rotate(_dKey.Row(row), _config.KeyValueHeadCount, position, -1);
        if (a.PlainQuery is not null)
        {
            ThroughHeadNorm(a.PlainQuery.Row(row), layer.QueryNorm!.Pointer, _dQuery.Row(row), _config.HeadCount);
            ThroughHeadNorm(a.PlainKey!.Row(row), layer.KeyNorm!.Pointer, _dKey.Row(row), _config.KeyValueHeadCount);
        }
    }

    private void ThroughHeadNorm(float* x, float* weight, float* d, int heads)
    {
        int size = _config.HeadSize;
        for (int head = 0; head < heads; head++)
        {
            float* at = x + (head * size);
            RowKernels.RmsNormBackward(at, weight, RowKernels.InverseRms(at, size, _config.NormEpsilon), d + (head * size), d + (head * size), size, accumulate: false);
        }
    }

    /// <summary>Back through linear layers of one input: the gradients of their weights, and the one with respect to the input unless nobody needs it.</summary>
    private void Linear(int index, RowBuffer input, RowBuffer? dInput, params ReadOnlySpan<(LinearTarget Target, RowBuffer Gradient)> outputs)
    {
        gradients.AddLinears(index, input, outputs, _rows);
        if (dInput is null)
        {
            return;
        }

        var back = new BackwardLayer[outputs.Length];
        for (int i = 0; i < back.Length; i++)
        {
            var (target, gradient) = outputs[i];
            back[i] = new(decoder.Layers[index][target], (nint)gradient.Pointer, gradient.Stride);
        }

        Product.Backward(team, dInput.Pointer, dInput.Stride, _rows, false, back);
    }
}
