using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>
/// Linear layers of a sampler. A decode step multiplies few rows, where one product of q, k and v together, and one of gate and up, is faster than each alone.
/// </summary>
internal sealed class PackedLinears : IDisposable
{
    private static readonly string[][] s_packs = [["q_proj", "k_proj", "v_proj"], ["o_proj"], ["gate_proj", "up_proj"], ["down_proj"]];

    private readonly Dictionary<(int Layer, string First), (Tensor Weight, Tensor? Bias, long[] Rows)> _packs = [];
    private readonly Dictionary<string, Tensor> _views = [];

    /// <summary>Makes room for the linear layers, whose content is undefined yet, and packs their biases.</summary>
    public PackedLinears(DecoderConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (string[] targets in s_packs)
            {
                long[] rows = [.. targets.Select(x => WeightShapes.Linear(config, x).Rows)];
                var packed = empty(rows.Sum(), WeightShapes.Linear(config, targets[0]).Columns).DetachFromDisposeScope();
                Tensor[] biases = [.. targets.Select(x => weights.GetValueOrDefault(WeightShapes.Name(layer, x, "bias"))).OfType<Tensor>()];
                _packs[(layer, targets[0])] = (packed, biases.Length == targets.Length ? cat(biases).DetachFromDisposeScope() : null, rows);
                long row = 0;
                for (int i = 0; i < targets.Length; i++)
                {
                    _views[WeightShapes.Name(layer, targets[i])] = packed.narrow(0, row, rows[i]).DetachFromDisposeScope();
                    row += rows[i];
                }
            }
        }
    }

    /// <summary>Queries, keys and values of a layer.</summary>
    public Tensor[] Attention(int layer, Tensor x) => Apply(layer, "q_proj", x);

    /// <summary>Gate and up of a layer.</summary>
    public Tensor[] Mlp(int layer, Tensor x) => Apply(layer, "gate_proj", x);

    /// <summary>The weights with the linear layers replaced by these.</summary>
    public SortedDictionary<string, Tensor> ReplaceIn(IReadOnlyDictionary<string, Tensor> weights) =>
        new(weights.ToDictionary(x => x.Key, x => _views.GetValueOrDefault(x.Key, x.Value)), StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var view in _views.Values)
        {
            view.Dispose();
        }

        foreach (var (weight, bias, _) in _packs.Values)
        {
            weight.Dispose();
            bias?.Dispose();
        }
    }

    private Tensor[] Apply(int layer, string first, Tensor x)
    {
        var (weight, bias, rows) = _packs[(layer, first)];
        return nn.functional.linear(x, weight, bias).split(rows, -1);
    }
}
