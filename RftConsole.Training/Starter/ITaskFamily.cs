using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>One text of the pretraining corpus.</summary>
/// <param name="Prompt">The conversation before the response.</param>
/// <param name="Response">What the assistant says; the loss is taken on it.</param>
/// <param name="Judged">
/// Where the prompt asks for a verdict on a right answer: that answer within the prompt. The loss is taken on it too, with a small weight: what should be said there is
/// what a judge has to know, and one word of verdict a document teaches little.
/// </param>
public sealed record StarterDocument(IReadOnlyList<ChatMessage> Prompt, string Response, string? Judged = null)
{
    /// <summary>Of each token of <see cref="Judged"/> in the loss.</summary>
    public const float JudgedWeight = 0.3f;
}

/// <summary>An answer, right or wrong, that a judge is asked about.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="Response">The answer.</param>
/// <param name="Right">Whether it is right.</param>
/// <param name="Reasoning">What a right answer has, item by item, and whether this one has it: <c>Tom yes, chess yes, Monday no</c>.</param>
public sealed record StarterAttempt(string Prompt, string Response, bool Right, string Reasoning);

/// <summary>One prompt of a sample task.</summary>
/// <param name="Prompt">What the user says.</param>
/// <param name="Facts">What the generator knows and <see cref="ITaskFamily.IsRight"/> checks by; part of the record, so that others can check too.</param>
/// <param name="ReferenceAnswer">For rewards that compare; null where the reward does without.</param>
/// <param name="Constraints">For rewards that check a form; null elsewhere.</param>
public sealed record StarterSample(string Prompt, JsonObject Facts, JsonNode? ReferenceAnswer = null, JsonObject? Constraints = null);

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

    /// <summary>A prompt of the corpus and an answer to it, right or wrong, as a judge may meet it.</summary>
    /// <param name="seed">The corpus.</param>
    /// <param name="index">The judgement.</param>
    /// <param name="right">What the answer has to be by <see cref="IsRight"/>.</param>
    StarterAttempt Attempt(ulong seed, long index, bool right);

    /// <summary>A prompt of the sample task; <paramref name="partition"/> is one of the three of samples.</summary>
    StarterSample Sample(ulong seed, long index, StarterPartition partition);

    /// <summary>The independent check: whether a response is right by the facts of its record. It knows nothing of rewards or judges.</summary>
    bool IsRight(JsonObject facts, string response);
}
