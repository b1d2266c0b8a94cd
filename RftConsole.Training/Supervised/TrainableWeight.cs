using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Supervised;

/// <summary>
/// One weight of a decoder in training: the decoder's own fp32 numbers, their gradient and AdamW's two moments, all in the packed order in which the kernels read the
/// weight. So an update goes over them number by number, and nothing has to be packed again.
/// </summary>
internal sealed class TrainableWeight : IDisposable
{
    /// <param name="name">The weight's name in a model folder.</param>
    /// <param name="matrix">The decoder's matrix, or null.</param>
    /// <param name="vector">The decoder's vector, where it is none.</param>
    public TrainableWeight(string name, PackedMatrix? matrix, RowBuffer? vector)
    {
        Name = name;
        Value = new(matrix, vector);
        (Gradient, First, Second) = (Value.CreateZeros(), Value.CreateZeros(), Value.CreateZeros());
    }

    public string Name { get; }

    /// <summary>The weight itself, which belongs to the decoder.</summary>
    public PackedNumbers Value { get; }

    /// <summary>The gradient that has come together so far.</summary>
    public PackedNumbers Gradient { get; }

    /// <summary>AdamW's mean of gradients.</summary>
    public PackedNumbers First { get; }

    /// <summary>AdamW's mean of squared gradients.</summary>
    public PackedNumbers Second { get; }

    /// <summary>What a checkpoint keeps: the weight under its name, and the moments.</summary>
    public IEnumerable<(string Name, PackedNumbers Numbers)> State() => [(Name, Value), (Name + ".first", First), (Name + ".second", Second)];

    public void Dispose()
    {
        foreach (var numbers in (PackedNumbers[])[Gradient, First, Second])
        {
            numbers.Dispose();
        }
    }
}

/// <summary>The numbers of a matrix in its packed order, or those of a vector.</summary>
internal sealed unsafe class PackedNumbers(PackedMatrix? matrix, RowBuffer? vector) : IDisposable
{
    /// <summary>The matrix.</summary>
    /// <exception cref="InvalidOperationException">It is a vector.</exception>
    public PackedMatrix Matrix => matrix ?? throw new InvalidOperationException("A vector is no matrix.");

    /// <summary>The first number.</summary>
    public float* Pointer => matrix is not null ? matrix.Pointer : vector!.Pointer;

    /// <summary>Numbers with their padding, which is zero: whole vectors of <see cref="Tile.Lanes"/>.</summary>
    public long Length => matrix is not null ? matrix.Length : vector!.Stride;

    /// <summary>The shape without padding.</summary>
    public long[] Shape => matrix is not null ? [matrix.Outputs, matrix.Inputs] : [vector!.Width];

    /// <summary>Zeros of the same form.</summary>
    public PackedNumbers CreateZeros() => matrix is not null ? new(new PackedMatrix(matrix.Outputs, matrix.Inputs), null) : new(null, new RowBuffer(vector!.Width, 1));

    /// <summary>A copy, one row an output.</summary>
    public Tensor ToTensor()
    {
        var tensor = zeros(Shape);
        float* to = TensorMemory.Of(tensor);
        if (matrix is null)
        {
            RowKernels.Copy(Pointer, to, vector!.Width);
            return tensor;
        }

        for (long i = 0; i < matrix.Outputs; i++)
        {
            matrix.CopyOutput(i, to + (i * matrix.Inputs));
        }

        return tensor;
    }

    /// <summary>Takes over the numbers of a tensor of this shape.</summary>
    public void Set(Tensor tensor)
    {
        if (matrix is null)
        {
            RowKernels.Copy(TensorMemory.Of(tensor), Pointer, vector!.Width);
        }
        else
        {
            matrix.Set(TensorMemory.Of(tensor), matrix.Inputs);
        }
    }

    public void Dispose()
    {
        matrix?.Dispose();
        vector?.Dispose();
    }
}
