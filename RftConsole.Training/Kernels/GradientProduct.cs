namespace RftConsole.Training.Kernels;

/// <summary>The gradient of one linear layer's weights: G += Dᵀ·X.</summary>
/// <param name="Gradient">G, packed as the weights are.</param>
/// <param name="OutputGradient">D, the gradient with respect to the layer's output, <c>[rows, outputs]</c>.</param>
/// <param name="Stride">Numbers from row to row of D.</param>
internal readonly record struct GradientLayer(PackedMatrix Gradient, nint OutputGradient, long Stride);

/// <summary>
/// Products whose inner dimension are the tokens: the gradients of weights. A panel of the packed gradient is Xᵀ·D, so the input is turned around once for all layers
/// that read it, some tokens at a time: that many rows of a panel of D stay in the first-level cache while they meet every input.
/// </summary>
internal sealed unsafe class GradientProduct(WorkerTeam team) : IDisposable
{
    /// <summary>Tokens of a block.</summary>
    private const int BlockRows = 128;

    private readonly RowBuffer _turned = new(BlockRows);

    /// <summary>Adds the gradients of linear layers that read the same input.</summary>
    /// <param name="x">The input, <c>[rows, inputs]</c>.</param>
    /// <param name="ldx">Numbers from row to row of the input.</param>
    /// <param name="rows">Rows of the input and of the layers' gradients.</param>
    /// <param name="layers">The layers.</param>
    public void Add(float* x, long ldx, int rows, params ReadOnlySpan<GradientLayer> layers)
    {
        var all = layers.ToArray();
        int inputs = checked((int)all[0].Gradient.Inputs);
        int blocks = (rows + BlockRows - 1) / BlockRows;
        long turnedRows = Tile.RoundUp(inputs, Tile.Rows);
        _turned.Reserve(blocks * turnedRows);
        team.Run(blocks, block => Tile.Transpose(x + (block * BlockRows * ldx), ldx, Math.Min(BlockRows, rows - (block * BlockRows)), inputs, _turned.Row(block * turnedRows), BlockRows));

        var panels = all.SelectMany(layer => Enumerable.Range(0, layer.Gradient.PanelCount).Select(panel => (Layer: layer, Panel: panel))).ToArray();
        var (chunk, chunks) = Product.Cut(team, panels.Length, inputs);
        team.Run(panels.Length * chunks, index =>
        {
            var (layer, panel) = panels[index / chunks];
            int first = index % chunks * chunk;
            AddPanel(layer, panel, rows, first, Math.Min(chunk, inputs - first), turnedRows);
        });
    }

    public void Dispose() => _turned.Dispose();

    /// <summary>Adds to a panel's rows, which are the inputs from <paramref name="first"/> on.</summary>
    private void AddPanel(GradientLayer layer, int panel, int rows, int first, int count, long turnedRows)
    {
        int vectors = layer.Gradient.VectorsOf(panel);
        float* c = layer.Gradient.Panel(panel) + ((long)first * Tile.Columns);
        float* d = (float*)layer.OutputGradient + ((long)panel * Tile.Columns);
        float* slab = Scratch.Rows(0, BlockRows, Tile.Columns);
        float* rest = stackalloc float[Tile.Rows * Tile.Columns];
        int whole = count / Tile.Rows * Tile.Rows;
        for (int block = 0; block * BlockRows < rows; block++)
        {
            int tokens = Math.Min(BlockRows, rows - (block * BlockRows));
            for (int i = 0; i < tokens; i++)
            {
                RowKernels.Copy(d + (((block * BlockRows) + i) * layer.Stride), slab + (i * Tile.Columns), vectors * Tile.Lanes);
            }

            float* a = _turned.Row((block * turnedRows) + first);
            for (int row = 0; row < whole; row += Tile.Rows)
            {
                Tile.Multiply(a + (row * BlockRows), BlockRows, slab, Tile.Columns, tokens, c + (row * Tile.Columns), Tile.Columns, vectors, accumulate: true);
            }

            if (whole < count)
            {
                // Below the last inputs the next panel begins: a whole tile goes into a place of its own first.
                RowKernels.Copy(c + (whole * Tile.Columns), rest, (count - whole) * Tile.Columns);
                Tile.Multiply(a + (whole * BlockRows), BlockRows, slab, Tile.Columns, tokens, rest, Tile.Columns, vectors, accumulate: true);
                RowKernels.Copy(rest, c + (whole * Tile.Columns), (count - whole) * Tile.Columns);
            }
        }

        // Beside the last output stands what a gradient's padding holds; the padding of weights stays zero.
        int outputs = (int)Math.Min(Tile.Columns, layer.Gradient.Outputs - ((long)panel * Tile.Columns));
        for (int i = 0; outputs < Tile.Columns && i < count; i++)
        {
            new Span<float>(c + (i * Tile.Columns) + outputs, Tile.Columns - outputs).Clear();
        }
    }
}
