using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using static TorchSharp.torch;

namespace RftConsole.Training.Models;

/// <summary>The memory of libtorch's tensors, for the kernels.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>The first number of a contiguous fp32 tensor; valid as long as the tensor is.</summary>
    public static float* Of(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous())
        {
            throw new ArgumentException("The kernels read contiguous fp32 tensors only.", nameof(tensor));
        }

        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }
}
