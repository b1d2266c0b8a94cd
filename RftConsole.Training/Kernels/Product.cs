namespace RftConsole.Training.Kernels;

/// <summary>One linear layer of several that read the same input: C = A·Wᵀ (+ U·Vᵀ, the adapter's part).</summary>
/// <param name="Weight">W.</param>
/// <param name="Output">C, with rows padded to whole tiles.</param>
/// <param name="Stride">Numbers from row to row of C.</param>
/// <param name="Accumulate">Whether the product is added to what C holds.</param>
internal unsafe readonly record struct LinearLayer(PackedMatrix Weight, nint Output, long Stride, bool Accumulate = false)
{
    /// <summary>V, the adapter's scaled second factor; null without an adapter.</summary>
    public PackedMatrix? Up { get; init; }

    /// <summary>U, the input times the adapter's first factor.</summary>
    public nint Low { get; init; }

    /// <summary>Numbers from row to row of U.</summary>
    public long LowStride { get; init; }
}

/// <summary>One way back through a linear layer: C += D·W.</summary>
/// <param name="Weight">W.</param>
/// <param name="Gradient">D, the gradient with respect to the layer's output.</param>
/// <param name="Stride">Numbers from row to row of D.</param>
internal readonly record struct BackwardLayer(PackedMatrix Weight, nint Gradient, long Stride);

/// <summary>The gradient of a linear layer's weights: G += Dᵀ·X.</summary>
/// <param name="Gradient">G, packed as the weights are.</param>
/// <param name="OutputGradient">D, the gradient with respect to the layer's output, <c>[rows, outputs]</c>.</param>
/// <param name="Stride">Numbers from row to row of D.</param>
internal readonly record struct GradientLayer(PackedMatrix Gradient, nint OutputGradient, long Stride);

/// <summary>Matrix products of a decoder, cut into tiles for a team of threads.</summary>
internal static unsafe class Product
{
    /// <summary>Outputs that are turned around at a time on the way back: with a panel's width of inputs they fit the second-level cache.</summary>
    private const int OutputsAtATime = 16 * Tile.Columns;

    /// <summary>Pieces of work for each thread, so that all end at about the same time.</summary>
    private const int PiecesPerThread = 6;

    /// <summary>Panels that one piece of work goes over, each of which is fetched from memory while the one before it is multiplied.</summary>
    private const int MostPanelsOfPiece = 8;

    /// <summary>Rows whose share in a panel of weights' gradients is added at a time: with their gradients of a panel's outputs they fit the first-level cache.</summary>
    private const int GradientRows = 128;

    [ThreadStatic]
    private static RowBuffer? t_turned;

    /// <summary>Runs linear layers on the same input A, <c>[rows, inputs]</c>.</summary>
    public static void Forward(WorkerTeam team, float* a, long lda, int rows, params ReadOnlySpan<LinearLayer> layers)
    {
        var all = layers.ToArray();
        int panels = all.Sum(x => x.Weight.PanelCount);
        var (chunk, chunks) = Cut(team, panels, rows);
        int run = Math.Clamp(panels * chunks / (team.Size * PiecesPerThread), 1, MostPanelsOfPiece);
        team.Run(((panels + run - 1) / run) * chunks, index =>
        {
            int first = index % chunks * chunk, count = Math.Min(chunk, rows - first);
            int begin = index / chunks * run, end = Math.Min(panels, begin + run);
            for (int i = begin; i < end; i++)
            {
                var (layer, panel) = PanelOf(all, i);

                // After the last panel of a piece, the thread will most likely get the piece after those that the others have.
                int after = i + 1 < end ? i + 1 : end + ((team.Size - 1) * run);
                var next = after < panels ? PanelOf(all, after) : default;
                ForwardPanel(layer, panel, a + (first * lda), lda, first, count, next.Layer.Weight is null ? null : next.Layer.Weight.Panel(next.Panel));
            }
        });
    }

    /// <summary>Goes back through linear layers that read the same input: C = (C +) Σ D·W.</summary>
    public static void Backward(WorkerTeam team, float* c, long ldc, int rows, bool accumulate, params ReadOnlySpan<BackwardLayer> layers)
    {
        var all = layers.ToArray();
        long inputs = all[0].Weight.Inputs;
        int panels = (int)((inputs + Tile.Columns - 1) / Tile.Columns);
        var (chunk, chunks) = Cut(team, panels, rows);
        team.Run(panels * chunks, index =>
        {
            int panel = index / chunks;
            long column = (long)panel * Tile.Columns;
            int first = index % chunks * chunk, count = Math.Min(chunk, rows - first);
            int vectors = (int)Math.Min(Tile.MostVectors, (inputs - column + Tile.Lanes - 1) / Tile.Lanes);
            bool add = accumulate;
            var turned = t_turned ??= new RowBuffer(Tile.Columns, OutputsAtATime);
            foreach (var layer in all)
            {
                for (long output = 0; output < layer.Weight.Outputs; output += OutputsAtATime)
                {
                    long outputs = Math.Min(OutputsAtATime, layer.Weight.Outputs - output);
                    layer.Weight.CopyBack(output, outputs, column, turned.Pointer);
                    for (int row = first; row < first + count; row += Tile.Rows)
                    {
                        Tile.Multiply((float*)layer.Gradient + (row * layer.Stride) + output, layer.Stride, turned.Pointer, Tile.Columns, outputs, c + (row * ldc) + column, ldc, vectors, add);
                    }

                    add = true;
                }
            }
        });
    }

    /// <summary>C += A·B with few rows and a long inner dimension, as the gradients of an adapter's factors are; B is row-major.</summary>
    public static void Thin(WorkerTeam team, float* a, long lda, int rows, float* b, long ldb, long inner, long columns, float* c, long ldc)
    {
        int panels = (int)((columns + Tile.Columns - 1) / Tile.Columns);
        team.Run(panels, panel =>
        {
            long column = (long)panel * Tile.Columns;
            Tile.Multiply(a, lda, b + column, ldb, inner, c + column, ldc, rows, Math.Min(Tile.Columns, columns - column), accumulate: true);
        });
    }

    /// <summary>Adds the gradients of the weights of linear layers that read the same input X, <c>[rows, inputs]</c>: the rows are the inner dimension.</summary>
    public static void AddGradients(WorkerTeam team, float* x, long ldx, int rows, params ReadOnlySpan<GradientLayer> layers)
    {
        var panels = layers.ToArray().SelectMany(layer => Enumerable.Range(0, layer.Gradient.PanelCount).Select(panel => (Layer: layer, Panel: panel))).ToArray();
        int inputs = checked((int)panels[0].Layer.Gradient.Inputs);
        var (chunk, chunks) = Cut(team, panels.Length, inputs);
        team.Run(panels.Length * chunks, index =>
        {
            var (layer, panel) = panels[index / chunks];
            int first = index % chunks * chunk;
            AddGradientPanel(layer, panel, x, ldx, rows, first, Math.Min(chunk, inputs - first));
        });
    }

    /// <summary>One row of an adapter: y += (x·Downᵀ)·Upᵀ, by the thread that calls. The sums are those of <see cref="Forward"/>.</summary>
    public static void AddLowRank(float* x, PackedMatrix down, PackedMatrix up, float* y)
    {
        float* low = Scratch.Rows(0, 1, (long)down.PanelCount * Tile.Columns);
        for (int panel = 0; panel < down.PanelCount; panel++)
        {
            Tile.MultiplyRow(x, down.Panel(panel), down.Inputs, low + (panel * Tile.Columns), down.VectorsOf(panel), false);
        }

        for (int panel = 0; panel < up.PanelCount; panel++)
        {
            Tile.MultiplyRow(low, up.Panel(panel), up.Inputs, y + (panel * Tile.Columns), up.VectorsOf(panel), true);
        }
    }

    private static (int Chunk, int Chunks) Cut(WorkerTeam team, int panels, int rows)
    {
        int wanted = Math.Max(1, team.Size * PiecesPerThread / panels);
        int chunk = (int)Tile.RoundUp((rows + wanted - 1) / wanted, Tile.Rows);
        return (chunk, (rows + chunk - 1) / chunk);
    }

    private static (LinearLayer Layer, int Panel) PanelOf(LinearLayer[] layers, int index)
    {
        int layer = 0;
        while (index >= layers[layer].Weight.PanelCount)
        {
            index -= layers[layer++].Weight.PanelCount;
        }

        return (layers[layer], index);
    }

    private static void ForwardPanel(in LinearLayer layer, int panel, float* a, long lda, int first, int rows, float* next)
    {
        float* c = (float*)layer.Output + (first * layer.Stride) + ((long)panel * Tile.Columns);
        float* b = layer.Weight.Panel(panel);
        int vectors = layer.Weight.VectorsOf(panel);
        if (rows == 1)
        {
            Tile.MultiplyRow(a, b, layer.Weight.Inputs, c, vectors, layer.Accumulate);
            if (layer.Up is not null)
            {
                Tile.MultiplyRow((float*)layer.Low + (first * layer.LowStride), layer.Up.Panel(panel), layer.Up.Inputs, c, vectors, true);
            }

            return;
        }

        for (int row = 0; row < rows; row += Tile.Rows)
        {
            float* at = c + (row * layer.Stride);
            Tile.Multiply(a + (row * lda), lda, b, Tile.Columns, layer.Weight.Inputs, at, layer.Stride, vectors, layer.Accumulate, next);
            next = next is null || row / Tile.Rows >= Tile.MostVectors - 1 ? null : next + (layer.Weight.Inputs * Tile.Lanes);
            if (layer.Up is not null)
            {
                // While the tile is still in the first-level cache.
                Tile.Multiply((float*)layer.Low + ((first + row) * layer.LowStride), layer.LowStride, layer.Up.Panel(panel), Tile.Columns, layer.Up.Inputs, at, layer.Stride, vectors, true);
            }
        }
    }

    /// <summary>Adds Xᵀ·D to a panel's rows, which are the inputs from <paramref name="first"/> on; X is read in place.</summary>
    private static void AddGradientPanel(in GradientLayer layer, int panel, float* x, long ldx, int rows, int first, int count)
    {
        int vectors = layer.Gradient.VectorsOf(panel);
        float* c = layer.Gradient.Panel(panel) + ((long)first * Tile.Columns);
        float* d = (float*)layer.OutputGradient + ((long)panel * Tile.Columns);
        float* slab = Scratch.Rows(0, GradientRows, Tile.Columns);
        float* rest = stackalloc float[Tile.Rows * Tile.Columns];
        int whole = count / Tile.Rows * Tile.Rows;
        for (int begin = 0; begin < rows; begin += GradientRows)
        {
            int block = Math.Min(GradientRows, rows - begin);
            for (int i = 0; i < block; i++)
            {
                RowKernels.Copy(d + ((begin + i) * layer.Stride), slab + (i * Tile.Columns), vectors * Tile.Lanes);
            }

            float* a = x + (begin * ldx) + first;
            for (int row = 0; row < whole; row += Tile.Rows)
            {
                Tile.Multiply(a + row, 1, slab, Tile.Columns, block, c + (row * Tile.Columns), Tile.Columns, vectors, accumulate: true, step: ldx);
            }

            if (whole < count)
            {
                // Below the last inputs the next panel begins: a whole tile goes into a place of its own first.
                RowKernels.Copy(c + (whole * Tile.Columns), rest, (count - whole) * Tile.Columns);
                Tile.Multiply(a + whole, 1, slab, Tile.Columns, block, rest, Tile.Columns, vectors, accumulate: true, step: ldx);
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
