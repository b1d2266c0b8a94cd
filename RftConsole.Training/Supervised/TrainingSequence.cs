namespace RftConsole.Training.Supervised;

/// <summary>A text to learn from.</summary>
/// <param name="Ids">Its tokens.</param>
/// <param name="Weights">For each token, its weight in the loss as a target; zero where it is only read. That of the first token counts for nothing.</param>
public sealed record TrainingSequence(int[] Ids, float[] Weights);
