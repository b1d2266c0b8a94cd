using System.Globalization;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>Arithmetic word problems with one or two steps.</summary>
internal sealed class ArithmeticFamily : ITaskFamily
{
    /// <summary>
    /// Share of problems with one step. Hasty answers to these are mostly right and to the others mostly wrong, so that this share
    /// is about what the base model, which answers in haste, gets right.
    /// </summary>
    private const double OneStepShare = 0.36;

    public string Name => "arithmetic";

    public double Weight => 0.8;

    public StarterDocument Document(ulong seed, long index, StyleMix styles)
    {
        (ArithmeticProblem problem, string response, _) = Answered(seed, index, styles);
        return new([new ChatMessage("user", problem.Text)], response);
    }

    public StarterSample Sample(ulong seed, long index, StarterPartition partition)
    {
        ArithmeticProblem problem = Draws(new Draw(seed, $"{Name}/{partition}", index), partition);
        return new(problem.Text, JsonValue.Create(problem.Answer.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>A document together with the problem and the style behind it.</summary>
    internal (ArithmeticProblem Problem, string Response, AnswerStyle Style) Answered(ulong seed, long index, StyleMix styles)
    {
        Draw draw = new(seed, Name, index);
        ArithmeticProblem problem = Draws(draw, StarterPartition.Pretraining);
        AnswerStyle style = styles.Pick(draw);
        return (problem, ArithmeticAnswers.Write(problem, style, draw), style);
    }

    private static ArithmeticProblem Draws(Draw draw, StarterPartition partition) =>
        StarterPartitions.DrawFrom(partition, draw, d => d.Pick(d.Chance(OneStepShare) ? ArithmeticShapes.OneStep : ArithmeticShapes.TwoSteps).Problem(d), problem => problem.Key);
}
