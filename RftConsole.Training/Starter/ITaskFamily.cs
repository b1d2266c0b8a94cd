using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>One text of the pretraining corpus: the loss is taken on the response only.</summary>
/// <param name="Prompt">The conversation before the response.</param>
/// <param name="Response">What the assistant says.</param>
public sealed record StarterDocument(IReadOnlyList<ChatMessage> Prompt, string Response);

/// <summary>One prompt of a sample task and the answer that a grader compares with.</summary>
public sealed record StarterSample(string Prompt, JsonNode ReferenceAnswer);

/// <summary>
/// Where a problem belongs. A hash of the problem itself decides, so that no problem of a sample task is ever part of the pretraining corpus, whatever the seed.
/// </summary>
public enum StarterPartition
{
    SampleTraining,
    SampleValidation,
    SampleTest,
    Pretraining,
}

/// <summary>
/// A kind of task that the starter model learns. A new family is one new class and its line in <see cref="StarterCorpus.Families"/>.
/// Everything that it makes is a pure function of its arguments.
/// </summary>
public interface ITaskFamily
{
    /// <summary>The family's name, which is also the name of its sample task.</summary>
    string Name { get; }

    /// <summary>How many documents of the corpus are of this family, relative to the others.</summary>
    double Weight { get; }

    /// <summary>A document of the pretraining corpus, with an answer in one of the styles of <paramref name="styles"/>.</summary>
    StarterDocument Document(ulong seed, long index, StyleMix styles);

    /// <summary>A prompt of the sample task; <paramref name="partition"/> is one of the three of samples.</summary>
    StarterSample Sample(ulong seed, long index, StarterPartition partition);
}

/// <summary>Assigns problems to partitions.</summary>
internal static class StarterPartitions
{
    /// <summary>One problem in 64 goes to each of the three sample partitions.</summary>
    private const ulong Residues = 64;

    /// <summary>The partition of a problem.</summary>
    /// <param name="problem">What the problem is, without the words that merely phrase it.</param>
    public static StarterPartition Of(string problem) =>
        (StarterPartition)Math.Min(Draw.StableHash(problem) % Residues, (ulong)StarterPartition.Pretraining);

    /// <summary>Draws problems until one belongs to <paramref name="partition"/>.</summary>
    public static T DrawFrom<T>(StarterPartition partition, Draw draw, Func<Draw, T> problem, Func<T, string> key)
    {
        T drawn;
        do
        {
            drawn = problem(draw);
        }
        while (Of(key(drawn)) != partition);
        return drawn;
    }
}
