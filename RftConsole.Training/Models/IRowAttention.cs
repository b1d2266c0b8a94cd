using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>Which rows of a pass attend to what: over a cache (sampling, scoring), or over the rows of a batch (training).</summary>
internal interface IRowAttention
{
    /// <summary>Attends in one layer.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="query">Rotated queries <c>[rows, heads × head size]</c>.</param>
    /// <param name="key">Rotated keys <c>[rows, key-value heads × head size]</c>.</param>
    /// <param name="value">Values, shaped like the keys.</param>
    /// <param name="attended">Gets the result, <c>[rows, heads × head size]</c>.</param>
    void Attend(int layer, RowBuffer query, RowBuffer key, RowBuffer value, RowBuffer attended);
}
