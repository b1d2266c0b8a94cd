namespace RftConsole.Training.Kernels;

/// <summary>
/// The weights of a linear layer, <c>[outputs, inputs]</c>, in the order in which a product reads them: panels of <see cref="Tile.Columns"/> outputs, in each the
/// inputs one after the other. The last panel is padded with zeros.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly RowBuffer _panels;

    /// <summary>A matrix of zeros.</summary>
    public PackedMatrix(long outputs, long inputs)
    {
        (Outputs, Inputs) = (outputs, inputs);
        PanelCount = (int)((outputs + Tile.Columns - 1) / Tile.Columns);
        _panels = new RowBuffer(Tile.Columns, PanelCount * inputs);
    }

    public long Outputs { get; }

    public long Inputs { get; }

    /// <summary>Panels of <see cref="Tile.Columns"/> outputs.</summary>
    internal int PanelCount { get; }

    /// <summary>All numbers in their packed order, padding included.</summary>
    internal float* Pointer => _panels.Pointer;

    /// <summary>How many <see cref="Pointer"/> points to; a multiple of <see cref="Tile.Lanes"/>.</summary>
    internal long Length => PanelCount * Inputs * Tile.Columns;

    /// <summary>Packs row-major weights, one row an output.</summary>
    public static PackedMatrix Of(float* weights, long outputs, long inputs, WorkerTeam? team = null)
    {
        var packed = new PackedMatrix(outputs, inputs);
        packed.Set(weights, inputs, 1, team);
        return packed;
    }

    /// <summary>Replaces the content by row-major weights, one row an output, times <paramref name="scale"/>.</summary>
    /// <param name="weights">The first row.</param>
    /// <param name="stride">Numbers from row to row.</param>
    /// <param name="scale">A factor.</param>
    /// <param name="team">Shares the work where there is much of it; null for none.</param>
    public void Set(float* weights, long stride, float scale = 1, WorkerTeam? team = null)
    {
        if (team is not null)
        {
            team.Run(PanelCount, panel => SetPanel(panel, weights, stride, scale));
            return;
        }

        for (int panel = 0; panel < PanelCount; panel++)
        {
            SetPanel(panel, weights, stride, scale);
        }
    }

    /// <summary>Copies the weights of one output, such as a token's embedding.</summary>
    public void CopyOutput(long output, float* to)
    {
        float* from = Panel((int)(output / Tile.Columns)) + (output % Tile.Columns);
        for (long i = 0; i < Inputs; i++)
        {
            to[i] = from[i * Tile.Columns];
        }
    }

    public void Dispose() => _panels.Dispose();

    /// <summary>A panel, <c>[inputs, columns]</c>.</summary>
    internal float* Panel(int index) => _panels.Pointer + (index * Inputs * Tile.Columns);

    /// <summary>Vectors of a panel that hold outputs.</summary>
    internal int VectorsOf(int panel) => (int)Math.Min(Tile.MostVectors, (Outputs - ((long)panel * Tile.Columns) + Tile.Lanes - 1) / Tile.Lanes);

    /// <summary>
    /// Writes the weights of some outputs and of a panel's width of inputs with the outputs as rows: what the product that goes back through the layer reads.
    /// </summary>
    /// <param name="firstOutput">A multiple of <see cref="Tile.Columns"/>.</param>
    /// <param name="outputs">Rows to write.</param>
    /// <param name="firstInput">The first column.</param>
    /// <param name="to"><c>[outputs, <see cref="Tile.Columns"/>]</c>.</param>
    internal void CopyBack(long firstOutput, long outputs, long firstInput, float* to)
    {
        long inputs = Math.Min(Tile.Columns, Inputs - firstInput);
        for (long done = 0; done < outputs; done += Tile.Columns)
        {
            float* from = Panel((int)((firstOutput + done) / Tile.Columns)) + (firstInput * Tile.Columns);
            Tile.Transpose(from, Tile.Columns, inputs, Math.Min(Tile.Columns, outputs - done), to + (done * Tile.Columns), Tile.Columns);
        }
    }

    private void SetPanel(int panel, float* weights, long stride, float scale)
    {
        long first = (long)panel * Tile.Columns, rows = Math.Min(Tile.Columns, Outputs - first);
        Tile.Transpose(weights + (first * stride), stride, rows, Inputs, Panel(panel), Tile.Columns);
        if (scale != 1)
        {
            var all = new Span<float>(Panel(panel), checked((int)(Inputs * Tile.Columns)));
            System.Numerics.Tensors.TensorPrimitives.Multiply(all, scale, all);
        }
    }
}
