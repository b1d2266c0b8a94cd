using System.Runtime.InteropServices;

namespace RftConsole.Training.Kernels;

/// <summary>
/// Rows of fp32 numbers in native memory. Each row begins on a 64-byte boundary, and there are rows up to a multiple of <see cref="Tile.Rows"/>, because the
/// kernels work on whole tiles: what lies in the padding is finite and means nothing.
/// </summary>
public sealed unsafe class RowBuffer : IDisposable
{
    private const int Alignment = 64;

    /// <summary>Numbers after the last row: a tile may read to its full width from anywhere in a row.</summary>
    private const int Slack = Tile.Columns;

    private long _capacity;

    /// <param name="width">Numbers of a row.</param>
    /// <param name="rows">Rows to make room for at once.</param>
    public RowBuffer(long width, long rows = 0)
    {
        Width = width;
        Stride = Tile.RoundUp(width, Tile.Lanes);
        Reserve(rows);
    }

    ~RowBuffer() => Free();

    /// <summary>Numbers of a row.</summary>
    public long Width { get; }

    /// <summary>Numbers from one row to the next.</summary>
    public long Stride { get; }

    /// <summary>The first row.</summary>
    public float* Pointer { get; private set; }

    /// <summary>Makes room for <paramref name="rows"/> rows. Where the buffer grows, its content is lost and becomes zero.</summary>
    public void Reserve(long rows)
    {
        rows = Tile.RoundUp(rows, Tile.Rows);
        if (rows <= _capacity)
        {
            return;
        }

        Free();
        nuint bytes = checked((nuint)(((rows * Stride) + Slack) * sizeof(float)));
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(Pointer, bytes);
        _capacity = rows;
    }

    /// <summary>The row of an index.</summary>
    public float* Row(long index) => Pointer + (index * Stride);

    /// <summary>The numbers of a row, without its padding.</summary>
    public Span<float> Span(long index) => new(Row(index), (int)Width);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        _capacity = 0;
    }
}
