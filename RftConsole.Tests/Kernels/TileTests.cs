using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;

namespace RftConsole.Tests.Kernels;

/// <summary>Products by tiles are chains of fused multiply-adds in the order of the inner dimension, to the last bit.</summary>
public sealed unsafe class TileTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 7)]
    [InlineData(8, 48, 64)]
    [InlineData(13, 50, 33)]
    [InlineData(24, 97, 5)]
    public void Every_shape_equals_the_chain_of_multiply_adds(int rows, int columns, int inner)
    {
        using RowBuffer a = Random(rows, inner, 1), b = Random(inner, columns, 2), c = Random(rows, columns, 3), sum = Random(rows, columns, 3);
        Tile.Multiply(a.Pointer, a.Stride, b.Pointer, b.Stride, inner, c.Pointer, c.Stride, rows, columns, accumulate: false);
        Tile.Multiply(a.Pointer, a.Stride, b.Pointer, b.Stride, inner, sum.Pointer, sum.Stride, rows, columns, accumulate: true);
        using var start = Random(rows, columns, 3);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                Assert.Equal(Chain(a, b, i, j, inner, 0), c.Row(i)[j]);
                Assert.Equal(Chain(a, b, i, j, inner, start.Row(i)[j]), sum.Row(i)[j]);
            }
        }
    }

    [Fact]
    public void Narrow_registers_give_the_bits_of_wide_ones()
    {
        using RowBuffer a = Random(8, 37, 1), b = Random(37, 16, 2), wide = new(16, 8), narrow = new(16, 8);
        Tile.Multiply(a.Pointer, a.Stride, b.Pointer, b.Stride, 37, wide.Pointer, wide.Stride, 1, accumulate: false);
        UnrolledTiles.Narrow(a.Pointer, a.Stride, 1, b.Pointer, b.Stride, 37, narrow.Pointer, narrow.Stride, accumulate: false);
        UnrolledTiles.Narrow(a.Row(4), a.Stride, 1, b.Pointer, b.Stride, 37, narrow.Row(4), narrow.Stride, accumulate: false);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(wide.Span(i).ToArray(), narrow.Span(i).ToArray());
        }
    }

    [Fact]
    public void One_row_gives_the_bits_that_it_has_among_others()
    {
        using RowBuffer a = Random(8, 29, 1), weights = Random(70, 29, 2), all = new(70, 8), one = new(70, 1);
        using var packed = Pack(weights, 70);
        var team = new WorkerTeam(1);
        Product.Forward(team, a.Pointer, a.Stride, 8, new LinearLayer(packed, (nint)all.Pointer, all.Stride));
        Product.Forward(team, a.Row(5), a.Stride, 1, new LinearLayer(packed, (nint)one.Pointer, one.Stride));
        Assert.Equal(all.Span(5).ToArray(), one.Span(0).ToArray());
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(33, 32, true)]
    [InlineData(112, 5, false)]
    [InlineData(240, 97, true)]
    public void One_row_of_any_matrix_gives_the_bits_that_it_has_in_a_tile(int columns, int inner, bool accumulate)
    {
        using RowBuffer a = Random(8, inner, 1), b = Random(inner, columns, 2), all = Random(8, columns, 3), one = Random(8, columns, 3);
        Tile.Multiply(a.Pointer, a.Stride, b.Pointer, b.Stride, inner, all.Pointer, all.Stride, 8, columns, accumulate);
        Tile.Multiply(a.Row(5), a.Stride, b.Pointer, b.Stride, inner, one.Row(5), one.Stride, 1, columns, accumulate);
        Assert.Equal(all.Span(5).ToArray(), one.Span(5).ToArray());
        Tile.Multiply(a.Row(3), 1, b.Pointer, b.Stride, inner, one.Row(3), one.Stride, 1, columns, accumulate, step: 1);
        Assert.Equal(all.Span(3).ToArray(), one.Span(3).ToArray());
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(13, 20, 33)]
    [InlineData(24, 97, 5)]
    public void A_transpose_that_is_read_in_place_gives_the_bits_of_one_that_was_written(int rows, int columns, int inner)
    {
        using RowBuffer a = Random(rows, inner, 1), turned = new(rows, inner), b = Random(inner, columns, 2), written = new(columns, rows), inPlace = new(columns, rows);
        Tile.Transpose(a.Pointer, a.Stride, rows, inner, turned.Pointer, turned.Stride);
        Tile.Multiply(a.Pointer, a.Stride, b.Pointer, b.Stride, inner, written.Pointer, written.Stride, rows, columns, accumulate: false);
        Tile.Multiply(turned.Pointer, 1, b.Pointer, b.Stride, inner, inPlace.Pointer, inPlace.Stride, rows, columns, accumulate: false, step: turned.Stride);
        for (int i = 0; i < rows; i++)
        {
            Assert.Equal(written.Span(i).ToArray(), inPlace.Span(i).ToArray());
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 8)]
    [InlineData(7, 13)]
    [InlineData(48, 30)]
    public void A_transpose_moves_every_number(int rows, int columns)
    {
        using RowBuffer a = Random(rows, columns, 1), turned = new(rows, columns);
        Tile.Transpose(a.Pointer, a.Stride, rows, columns, turned.Pointer, turned.Stride);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                Assert.Equal(a.Row(i)[j], turned.Row(j)[i]);
            }
        }
    }

    [Fact]
    public void The_way_back_through_packed_weights_is_the_product_with_the_weights()
    {
        const int Outputs = 900, Inputs = 100, Rows = 11;
        using RowBuffer weights = Random(Outputs, Inputs, 1), gradient = Random(Rows, Outputs, 2), result = new(Inputs, Rows);
        using var packed = Pack(weights, Outputs);
        using var team = new WorkerTeam(2);
        Product.Backward(team, result.Pointer, result.Stride, Rows, false, new BackwardLayer(packed, (nint)gradient.Pointer, gradient.Stride));
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Inputs; j++)
            {
                Assert.Equal(Chain(gradient, weights, i, j, Outputs, 0), result.Row(i)[j]);
            }
        }
    }

    [Theory]
    [InlineData(1, 100, 100)]
    [InlineData(300, 20, 83)]
    public void The_gradient_of_weights_is_the_product_of_the_outputs_gradient_and_the_input(int rows, int inputs, int outputs)
    {
        using RowBuffer x = Random(rows, inputs, 1), d = Random(rows, outputs, 2), turned = new(rows, outputs), start = Random(outputs, inputs, 3);
        using var gradient = Pack(start, outputs);
        using var team = new WorkerTeam(2);
        Product.AddGradients(team, x.Pointer, x.Stride, rows, new GradientLayer(gradient, (nint)d.Pointer, d.Stride));
        Tile.Transpose(d.Pointer, d.Stride, rows, outputs, turned.Pointer, turned.Stride);
        float* row = stackalloc float[inputs];
        for (int i = 0; i < outputs; i++)
        {
            gradient.CopyOutput(i, row);
            for (int j = 0; j < inputs; j++)
            {
                Assert.Equal(Chain(turned, x, i, j, rows, start.Row(i)[j]), row[j]);
            }
        }
    }

    [Fact]
    public void A_team_runs_every_piece_once_and_passes_on_what_goes_wrong()
    {
        using var team = new WorkerTeam(3);
        for (int round = 0; round < 200; round++)
        {
            int[] runs = new int[50];
            team.Run(runs.Length, i => Interlocked.Increment(ref runs[i]));
            Assert.All(runs, x => Assert.Equal(1, x));
        }

        Assert.Throws<InvalidOperationException>(() => team.Run(4, i => throw new InvalidOperationException()));
        int after = 0;
        team.Run(4, _ => Interlocked.Increment(ref after));
        Assert.Equal(4, after);
    }

    private static float Chain(RowBuffer a, RowBuffer b, int row, int column, int inner, float start)
    {
        float sum = start;
        for (int k = 0; k < inner; k++)
        {
            sum = MathF.FusedMultiplyAdd(a.Row(row)[k], b.Row(k)[column], sum);
        }

        return sum;
    }

    private static RowBuffer Random(int rows, int width, ulong seed)
    {
        var buffer = new RowBuffer(width, rows);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < width; j++)
            {
                buffer.Row(i)[j] = (float)CounterRandom.Normal(seed, (ulong)i, (ulong)j);
            }
        }

        return buffer;
    }

    private static PackedMatrix Pack(RowBuffer rows, int outputs)
    {
        var packed = new PackedMatrix(outputs, rows.Width);
        packed.Set(rows.Pointer, rows.Stride);
        return packed;
    }
}
