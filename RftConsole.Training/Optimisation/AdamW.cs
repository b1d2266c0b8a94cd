using static TorchSharp.torch;

namespace RftConsole.Training.Optimisation;

/// <summary>AdamW's constants other than the learning rate.</summary>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0);

/// <summary>
/// AdamW with decoupled weight decay (Loshchilov and Hutter, 2019), with the arithmetic of PyTorch's. Its state is open, so that a checkpoint holds all of it.
/// Use it on the compute thread.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly (string Name, Tensor Parameter, Tensor First, Tensor Second)[] _slots;
    private readonly AdamWOptions _options;

    public AdamW(IEnumerable<(string Name, Tensor Parameter)> parameters, AdamWOptions options)
    {
        _options = options;
        _slots = [.. parameters.Select(x => (x.Name, x.Parameter, zeros_like(x.Parameter).DetachFromDisposeScope(), zeros_like(x.Parameter).DetachFromDisposeScope()))];
    }

    /// <summary>Updates made so far.</summary>
    public int StepCount { get; set; }

    /// <summary>The moments, named after their parameters: what a checkpoint keeps beside <see cref="StepCount"/>.</summary>
    public IEnumerable<(string Name, Tensor Moment)> State() =>
        _slots.SelectMany(x => new[] { ($"{x.Name}.first", x.First), ($"{x.Name}.second", x.Second) });

    /// <summary>Scales all gradients so that their joint Euclidean norm is at most <paramref name="maxNorm"/>; returns the norm before.</summary>
    public double ClipGradients(double maxNorm)
    {
        using var scope = NewDisposeScope();
        Tensor[] squares = [.. _slots.Where(x => x.Parameter.grad is not null).Select(x => x.Parameter.grad!.square().sum())];
        double norm = squares.Length == 0 ? 0 : Math.Sqrt(stack(squares).to(ScalarType.Float64).sum().item<double>());
        double factor = maxNorm / (norm + 1e-6);
        if (factor < 1)
        {
            foreach (var slot in _slots)
            {
                slot.Parameter.grad?.mul_(factor);
            }
        }

        return norm;
    }

    /// <summary>
    /// One update with the gradients that are there, which are cleared. A parameter without one has a gradient of zero: the first step after a resume
    /// must do what it does in a run that goes on, also where its batch teaches nothing.
    /// </summary>
    public void Step(double learningRate)
    {
        using var noGradient = no_grad();
        StepCount++;
        double correction1 = 1 - Math.Pow(_options.Beta1, StepCount);
        double correction2 = Math.Sqrt(1 - Math.Pow(_options.Beta2, StepCount));
        foreach (var (_, parameter, first, second) in _slots)
        {
            using var scope = NewDisposeScope();
            if (_options.WeightDecay != 0)
            {
                parameter.mul_(1 - (learningRate * _options.WeightDecay));
            }

            first.mul_(_options.Beta1);
            second.mul_(_options.Beta2);
            if (parameter.grad is { } gradient)
            {
                first.add_(gradient, 1 - _options.Beta1);
                second.addcmul_(gradient, gradient, 1 - _options.Beta2);
                gradient.zero_();
            }

            parameter.addcdiv_(first, second.sqrt().div_(correction2).add_(_options.Epsilon), -learningRate / correction1);
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, first, second) in _slots)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
