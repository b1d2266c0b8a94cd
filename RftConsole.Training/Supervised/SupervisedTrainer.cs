using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;
using RftConsole.Training.Optimisation;

namespace RftConsole.Training.Supervised;

/// <summary>
/// Trains every weight of a decoder on given texts: cross-entropy, backward pass and AdamW on the decoder's own kernels, without padding. The number of threads changes
/// no bit of the result. Use it on the compute thread.
/// </summary>
public sealed class SupervisedTrainer : IDisposable
{
    /// <summary>Tokens that go through the decoder at a time: the activations of a layer stay in the caches, and a slice stays short.</summary>
    private const int MicroBatchTokens = 2048;

    private readonly Decoder _decoder;
    private readonly AdamWOptions _options;
    private readonly WorkerTeam _team = ComputeThread.Team;
    private readonly TrainableWeights _weights;
    private readonly ForwardPass _forward;
    private readonly BackwardPass _backward;
    private readonly CrossEntropy _loss;

    /// <param name="decoder">The decoder, whose weights change; it stays the caller's.</param>
    /// <param name="options">AdamW's constants.</param>
    /// <exception cref="NotSupportedException">The decoder has biases or norms of heads.</exception>
    public SupervisedTrainer(Decoder decoder, AdamWOptions options)
    {
        (_decoder, _options) = (decoder, options);
        _weights = new TrainableWeights(decoder, _team);
        _forward = new ForwardPass(decoder, _team, keep: true);
        _backward = new BackwardPass(decoder, _forward, _weights, _team);
        _loss = new CrossEntropy(decoder, _forward, _backward, _weights, _team);
    }

    /// <summary>Updates made so far.</summary>
    public int StepCount { get; set; }

    /// <summary>The weights with their gradients and moments.</summary>
    internal TrainableWeights Weights => _weights;

    /// <summary>Cuts a batch into parts that are small enough for <see cref="Accumulate"/>, in order.</summary>
    public static IEnumerable<IReadOnlyList<TrainingSequence>> Parts(IEnumerable<TrainingSequence> batch)
    {
        var part = new List<TrainingSequence>();
        int tokens = 0;
        foreach (var sequence in batch)
        {
            if (part.Count > 0 && tokens + sequence.Ids.Length > MicroBatchTokens)
            {
                yield return part;
                (part, tokens) = ([], 0);
            }

            part.Add(sequence);
            tokens += sequence.Ids.Length;
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    /// <summary>The weights of a batch's targets together: what its loss is divided by.</summary>
    public static double TotalWeight(IEnumerable<TrainingSequence> batch) => batch.Sum(x => x.Weights.Skip(1).Sum(weight => (double)weight));

    /// <summary>Adds the gradients of a part's share in the loss of its batch, Σ weight · −log p / <paramref name="totalWeight"/>; returns that share.</summary>
    /// <param name="part">Texts, each of which attends to itself alone.</param>
    /// <param name="totalWeight"><see cref="TotalWeight"/> of the whole batch.</param>
    public double Accumulate(IReadOnlyList<TrainingSequence> part, double totalWeight)
    {
        // The last token of a text predicts nothing, so it is not computed.
        var layout = new GroupedSequences([.. part.Select(x => (x.Ids[..^1], ReadOnlyMemory<int>.Empty))]);
        var targets = part
            .SelectMany(x => x.Ids.Zip(x.Weights, (id, weight) => (Id: id, Weight: weight)).Skip(1))
            .Select((target, row) => (Row: row, target.Id, target.Weight))
            .Where(x => x.Weight != 0)
            .ToArray();
        if (targets.Length == 0)
        {
            return 0;
        }

        var attention = new GroupedAttention(layout, _decoder.Config, _team);
        _forward.Run(layout.Ids, layout.Positions, attention, null);
        _backward.Begin();
        double loss = _loss.Run([.. targets.Select(x => x.Row)], [.. targets.Select(x => x.Id)], [.. targets.Select(x => (float)(x.Weight / totalWeight))]);
        for (int layer = _decoder.Config.LayerCount - 1; layer >= 0; layer--)
        {
            _backward.RunLayer(layer, attention);
        }

        _weights.AddEmbeddings(layout.Ids, _backward.Gradient);
        return loss;
    }

    /// <summary>Scales the gradients to a joint norm of at most <paramref name="maxGradNorm"/> and makes one update; returns the norm before.</summary>
    public double Update(double learningRate, double maxGradNorm)
    {
        double norm = _weights.GradientNorm();
        _weights.Step(_options, learningRate, ++StepCount, Math.Min(1, maxGradNorm / (norm + 1e-6)));
        return norm;
    }

    public void Dispose()
    {
        _weights.Dispose();
        _forward.Dispose();
        _backward.Dispose();
        _loss.Dispose();
    }
}
