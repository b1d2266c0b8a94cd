using RftConsole.Training.Kernels;

namespace RftConsole.Training.Models;

/// <summary>Takes what the way back meets at each weight: an adapter's factors take some of it, training from scratch all. What is not wanted is passed over.</summary>
internal interface IWeightGradients
{
    /// <summary>Whether the way back goes on through the first layer, to the embeddings.</summary>
    bool IncludeEmbeddings { get; }

    /// <summary>Adds the gradients of linear layers that read the same input.</summary>
    /// <param name="layer">Index of the decoder layer.</param>
    /// <param name="input">Their input, <c>[rows, inputs]</c>.</param>
    /// <param name="outputs">The linear layers, with the gradient with respect to the output of each, <c>[rows, outputs]</c>.</param>
    /// <param name="rows">Rows of all of these.</param>
    void AddLinears(int layer, RowBuffer input, ReadOnlySpan<(LinearTarget Target, RowBuffer Gradient)> outputs, int rows);

    /// <summary>Adds the gradient of a norm's weight.</summary>
    /// <param name="weight">The weight, which tells the norms from each other.</param>
    /// <param name="input">The norm's input, <c>[rows, hidden]</c>.</param>
    /// <param name="chosen">The rows of the input that went through the norm; empty for all in order.</param>
    /// <param name="gradient">The gradient with respect to the norm's output, a row each.</param>
    /// <param name="rows">Rows of the gradient.</param>
    void AddNorm(RowBuffer weight, RowBuffer input, ReadOnlySpan<int> chosen, RowBuffer gradient, int rows);
}
