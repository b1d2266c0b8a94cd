using System.Globalization;
using System.Text;

namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>Writes answers to word problems as people do: careful and right, hasty, or rambling. The constants are shares.</summary>
internal static class ArithmeticAnswers
{
    /// <summary>Hasty answers to problems of one step that are wrong.</summary>
    internal const double HastyWrongOneStep = 0.35;

    /// <summary>
    /// Hasty answers to problems of two steps that are wrong. Above one half, and one mistake among them is by far the most common, so that the likeliest
    /// answer, which is what a greedy model gives, is a wrong one.
    /// </summary>
    internal const double HastyWrongTwoSteps = 0.72;

    /// <summary>Careful answers with a slip in a step.</summary>
    internal const double CarefulSlip = 0.04;

    /// <summary>Rambling answers that end with the right number all the same.</summary>
    internal const double RamblingRight = 0.15;

    /// <summary>Wrong answers that are a misreading (the first step only, or the wrong operation); the others are near misses.</summary>
    private const double Misreading = 0.75;

    /// <summary>Careful answers that open with a statement (<c>Tom has 3*4=12 pens.</c>); the others open with the bare step.</summary>
    private const double CarefulStatement = 0.6;

    /// <summary>Hasty answers that begin with "The answer is": the likeliest opening of all, by far.</summary>
    private const double HastyTheAnswerIs = 0.8;

    private static readonly int[] s_nearMisses = [-10, -2, -1, 1, 2, 10];

    public static string Write(ArithmeticProblem problem, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Hasty => Hasty(problem, draw),
        AnswerStyle.Careful => Careful(problem, draw),
        AnswerStyle.Rambling => Rambling(problem, draw),
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "Not a style."),
    };

    private static string Hasty(ArithmeticProblem problem, Draw draw)
    {
        bool wrong = draw.Chance(problem.Steps.Count == 1 ? HastyWrongOneStep : HastyWrongTwoSteps);
        string answer = Text(wrong ? WrongAnswer(problem, draw) : problem.Answer);
        return draw.Chance(HastyTheAnswerIs) ? $"The answer is {answer}."
            : draw.Chance(0.5) ? $"It is {answer} {problem.Things}."
            : answer;
    }

    private static string Careful(ArithmeticProblem problem, Draw draw)
    {

        // A slip before a division or a subtraction could leave a remainder or less than nothing, which would not look like a slip any more.
        int slipsFrom = problem.Steps[^1].Operator is '/' or '-' ? problem.Steps.Count - 1 : 0;
        int slipAt = draw.Chance(CarefulSlip) ? slipsFrom + draw.Next(problem.Steps.Count - slipsFrom) : -1;
        bool statement = draw.Chance(CarefulStatement);
        StringBuilder text = new();
        int result = 0;
        for (int i = 0; i < problem.Steps.Count; i++)
        {
            ArithmeticStep step = i == 0 ? problem.Steps[0] : WithFirstResult(problem, result);
            result = i == slipAt ? NearMiss(step.Result, draw) : step.Result;
            string written = step.Write(result);
            text.Append(i == 0 && statement ? $"{problem.Statement} {written} {problem.Things}." : $"{written}.").Append(i == problem.Steps.Count - 1 ? '\n' : ' ');
        }

        return text.Append(CultureInfo.InvariantCulture, $"#### {result}").ToString();
    }

    /// <summary>The second step, computed from what the first one came to, slip included: a mistake is carried on.</summary>
    private static ArithmeticStep WithFirstResult(ArithmeticProblem problem, int first)
    {
        ArithmeticStep second = problem.Steps[1];
        int expected = problem.Steps[0].Result;
        return second.Left == expected ? second with { Left = first } : second with { Right = first };
    }

    private static string Rambling(ArithmeticProblem problem, Draw draw)
    {
        string person = problem.Person;
        string things = problem.Things;
        if (draw.Chance(RamblingRight))
        {
            return $"Let me think about {person} and the {things}. It may be {problem.Answer}.";
        }

        return draw.Next(5) switch
        {
            0 => $"Let me think about {person} and the {things}. There are a lot of {things} here.",
            1 => $"Let me think about {person} and the {things}. It may be {WrongAnswer(problem, draw)}.",
            2 => $"Well, {person} has some {things}. I would count all the {things}.",
            3 => $"Well, this is about {problem.Numbers[0]} {things} and {person}. I am not sure.",
            _ => $"I like {things}. So does {person}. It could be {problem.Numbers[0]} or {WrongAnswer(problem, draw)}.",
        };
    }

    /// <summary>A wrong answer of the kind that people give; never the right one, never below 1.</summary>
    internal static int WrongAnswer(ArithmeticProblem problem, Draw draw)
    {
        if (draw.Chance(Misreading))
        {
            int misread = problem.Steps.Count > 1 ? problem.Steps[0].Result : WrongOperation(problem.Steps[0]);
            if (misread != problem.Answer && misread > 0)
            {
                return misread;
            }
        }

        return NearMiss(problem.Answer, draw);
    }

    private static int WrongOperation(ArithmeticStep step) => step.Operator switch
    {
        '+' => Math.Abs(step.Left - step.Right),
        '*' or '-' => step.Left + step.Right,
        _ => step.Left - step.Right,
    };

    private static int NearMiss(int right, Draw draw)
    {
        int miss;
        do
        {
            miss = right + draw.Pick(s_nearMisses);
        }
        while (miss < 1);
        return miss;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
