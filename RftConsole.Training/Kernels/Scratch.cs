namespace RftConsole.Training.Kernels;

/// <summary>Memory that a piece of work uses and forgets, kept by the thread for the next one.</summary>
internal static unsafe class Scratch
{
    private const int Places = 16;

    [ThreadStatic]
    private static RowBuffer?[]? t_buffers;

    /// <summary>Room for rows of numbers, each row on a 64-byte boundary, with whole tiles of rows; the content is undefined but finite.</summary>
    /// <param name="place">Which of the thread's buffers: those in use at a time must differ.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="stride">Numbers of a row, a multiple of <see cref="Tile.Lanes"/>.</param>
    public static float* Rows(int place, long rows, long stride)
    {
        var buffers = t_buffers ??= new RowBuffer?[Places];
        var buffer = buffers[place] ??= new RowBuffer(Tile.Lanes);
        buffer.Reserve(Tile.RoundUp(rows, Tile.Rows) * stride / Tile.Lanes);
        return buffer.Pointer;
    }

    /// <summary>Room for some numbers in a row, from a 64-byte boundary on; the content is undefined but finite.</summary>
    /// <param name="place">As in <see cref="Rows"/>.</param>
    /// <param name="length">Numbers.</param>
    public static Span<float> Span(int place, int length) => new(Rows(place, 1, Tile.RoundUp(length, Tile.Lanes)), length);
}
