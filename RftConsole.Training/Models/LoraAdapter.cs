using RftConsole.Training.Compute;
using RftConsole.Training.Text;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>The two factors of one adapted linear layer: the change of its output is <c>scale · B A x</c> (Hu et al., "LoRA", 2021).</summary>
/// <param name="A"><c>[rank, input]</c>.</param>
/// <param name="B"><c>[output, rank]</c>.</param>
/// <param name="Scale">See <see cref="LoraShape.Scale"/>.</param>
public sealed record LoraLinear(Tensor A, Tensor B, double Scale)
{
    /// <summary>The layer's output <paramref name="y"/> <c>[…, output]</c> for <paramref name="x"/> <c>[…, input]</c> with the adapter added, in one product.</summary>
    public Tensor AddTo(Tensor y, Tensor x)
    {
        var low = nn.functional.linear(x, A);
        return addmm(y.view(-1, B.size(0)), low.view(-1, A.size(0)), B.t(), 1, (float)Scale).view_as(y);
    }
}

/// <summary>A LoRA adapter: which linear layers it changes, and how. Use it on the compute thread.</summary>
public sealed class LoraAdapter : IDisposable
{
    private readonly Dictionary<(int Layer, string Target), LoraLinear> _linears;

    public LoraAdapter(LoraShape shape, Dictionary<(int Layer, string Target), LoraLinear> linears)
    {
        Shape = shape;
        _linears = linears;
    }

    public LoraShape Shape { get; }

    /// <summary>What the chat template was told of thinking when the adapter was trained.</summary>
    public ReasoningEffort ReasoningEffort { get; init; }

    /// <summary>The adapted linear layers in a fixed order.</summary>
    public IEnumerable<(int Layer, string Target, LoraLinear Linear)> Linears =>
        _linears.OrderBy(x => x.Key.Layer).ThenBy(x => x.Key.Target, StringComparer.Ordinal).Select(x => (x.Key.Layer, x.Key.Target, x.Value));

    /// <summary>The trainable tensors in a fixed order, named as PEFT names them.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Parameters()
    {
        foreach (var (layer, target, linear) in Linears)
        {
            string prefix = $"base_model.model.model.layers.{layer}.{WeightShapes.Block(target)}.{target}";
            yield return ($"{prefix}.lora_A.weight", linear.A);
            yield return ($"{prefix}.lora_B.weight", linear.B);
        }
    }

    /// <summary>
    /// A new adapter that changes nothing: B is zero, A uniform within ±1/√input (Kaiming with a = √5, as PEFT initialises it).
    /// </summary>
    public static LoraAdapter Create(DecoderConfig config, LoraShape shape, long seed, ReasoningEffort effort = default)
    {
        var linears = new Dictionary<(int, string), LoraLinear>();
        foreach (int layer in shape.Layers ?? [.. Enumerable.Range(0, config.LayerCount)])
        {
            foreach (string target in shape.Targets)
            {
                var (rows, columns) = WeightShapes.Linear(config, target);
                double bound = 1 / Math.Sqrt(columns);
                float[] values = new float[shape.Rank * columns];
                ulong stream = (ulong)((layer * WeightShapes.LinearLayers.Count) + (int)WeightShapes.TargetOf(target));
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)(bound * ((2 * CounterRandom.Uniform((ulong)seed, RandomStream.AdapterInitialisation, stream, (ulong)i)) - 1));
                }

                linears[(layer, target)] = new(
                    tensor(values, [shape.Rank, columns]).DetachFromDisposeScope(), zeros(rows, shape.Rank).DetachFromDisposeScope(), shape.Scale);
            }
        }

        return new(shape, linears) { ReasoningEffort = effort };
    }

    /// <summary>The adapted layer, or null where the adapter leaves it alone.</summary>
    public LoraLinear? Find(int layer, string target) => _linears.GetValueOrDefault((layer, target));

    /// <summary>Makes the factors trainable.</summary>
    public void RequireGradients()
    {
        foreach (var (_, parameter) in Parameters())
        {
            parameter.requires_grad_(true);
        }
    }

    public void Dispose()
    {
        foreach (var (_, parameter) in Parameters())
        {
            parameter.Dispose();
        }
    }
}

/// <summary>Rank, alpha and the adapted linear layers.</summary>
/// <param name="Rank">Width of the factors.</param>
/// <param name="Alpha">Numerator of the scale.</param>
/// <param name="Targets">Names of the linear layers.</param>
/// <param name="RankStabilized">Whether the scale divides by the root of the rank (Kalajdzievski, "rsLoRA", 2023).</param>
/// <param name="Layers">The adapted layers; null for all.</param>
public sealed record LoraShape(int Rank, double Alpha, IReadOnlyList<string> Targets, bool RankStabilized = false, IReadOnlyList<int>? Layers = null)
{
    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);
}
