using static TorchSharp.torch;

namespace RftConsole.Training.Weights;

/// <summary>Where a decoder's weights come from, whatever the file format. Names and layouts are those of Hugging Face's model folders.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Path { get; }

    /// <summary>The names of all tensors that are there.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>The type in which a changed copy of the weights is written: that of the embeddings, <c>F32</c> where they are quantised.</summary>
    string StoredType { get; }

    /// <summary>Proves by the file's header alone that a tensor is there in this shape.</summary>
    /// <exception cref="WeightFormatException">It is missing, or of another shape.</exception>
    void Require(string name, params ReadOnlySpan<long> shape);

    /// <summary>Reads a tensor, widened to fp32. Use it on the compute thread.</summary>
    /// <exception cref="WeightFormatException">It is missing, not of this shape, or holds a value that is not finite.</exception>
    Tensor Read(string name, params ReadOnlySpan<long> shape);
}
