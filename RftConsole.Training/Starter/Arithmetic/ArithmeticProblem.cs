using System.Globalization;

namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>One calculation on whole numbers.</summary>
internal readonly record struct ArithmeticStep(int Left, char Operator, int Right)
{
    public int Result => Operator switch
    {
        '+' => Left + Right,
        '-' => Left - Right,
        '*' => Left * Right,
        '/' => Left / Right,
        _ => throw new InvalidOperationException($"Unknown operator '{Operator}'."),
    };

    public override string ToString() => Write(Result);

    /// <summary>The step with a result that may be a slip, as <c>3*4=12</c>: without spaces, which a tokenizer with single digits would spend a token each on.</summary>
    public string Write(int result) => string.Create(CultureInfo.InvariantCulture, $"{Left}{Operator}{Right}={result}");
}

/// <summary>A word problem and its solution.</summary>
/// <param name="Key">The problem without its phrasing: shape, people, things, numbers.</param>
/// <param name="Text">The question as asked.</param>
/// <param name="Statement">What the first step finds, up to the number, such as <c>Tom has</c>.</param>
/// <param name="Person">The first person.</param>
/// <param name="Things">What is counted.</param>
/// <param name="Numbers">The numbers in the question, in order.</param>
/// <param name="Steps">One or two steps; the last one's result is the answer.</param>
internal sealed record ArithmeticProblem(string Key, string Text, string Statement, string Person, string Things, IReadOnlyList<int> Numbers, IReadOnlyList<ArithmeticStep> Steps)
{
    public int Answer => Steps[^1].Result;
}
