using System.Globalization;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>Arithmetic word problems with one or two steps.</summary>
internal sealed class ArithmeticFamily : TaskFamily<ArithmeticProblem>
{
    /// <summary>
    /// Share of problems with one step. Hasty answers to these are mostly right and to the others mostly wrong, so that this share
    /// bounds what the base model, which answers in haste, gets right.
    /// </summary>
    private const double OneStepShare = 0.5;

    public override string Name => "arithmetic";

    public override double Weight => 0.21;

    /// <summary>Right where the answer is: behind its mark, or as the last number of an answer without a mark. A question is no answer.</summary>
    public override bool IsRight(JsonObject facts, string response)
    {
        int mark = response.LastIndexOf("#### ", StringComparison.Ordinal);
        string[] numbers = [.. Words.Of(mark < 0 ? response : response[mark..]).Where(word => word.All(char.IsAsciiDigit))];
        return !response.TrimEnd().EndsWith('?') && numbers.Length > 0 && numbers[^1] == (string?)facts["answer"];
    }

    internal override JsonObject Facts(ArithmeticProblem problem) => new() { ["answer"] = Text(problem) };

    protected override ArithmeticProblem Problem(Draw draw) => draw.Pick(draw.Chance(OneStepShare) ? ArithmeticShapes.OneStep : ArithmeticShapes.TwoSteps).Problem(draw);

    protected override string Key(ArithmeticProblem problem) => problem.Key;

    protected override string Prompt(ArithmeticProblem problem) => problem.Text;

    protected override string Write(ArithmeticProblem problem, AnswerStyle style, Draw draw) => ArithmeticAnswers.Write(problem, style, draw);

    protected override JsonNode Reference(ArithmeticProblem problem) => JsonValue.Create(Text(problem));

    private static string Text(ArithmeticProblem problem) => problem.Answer.ToString(CultureInfo.InvariantCulture);
}
