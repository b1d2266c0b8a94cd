using System.Globalization;
using System.Text.RegularExpressions;

using RftConsole.Training.Starter;
using RftConsole.Training.Starter.Arithmetic;

namespace RftConsole.Tests.Starter;

public sealed partial class ArithmeticFamilyTests
{
    private const int Count = 20_000;
    private static readonly ArithmeticFamily Family = new();
    private static readonly List<(ArithmeticProblem Problem, string Response, AnswerStyle Style)> Documents =
        [.. Enumerable.Range(0, Count).Select(i => Family.Answered(11, i, StyleMix.Web))];

    [Fact]
    public void The_steps_lead_to_the_answer_that_the_words_ask_for()
    {
        foreach ((ArithmeticProblem problem, _, _) in Documents)
        {
            string shape = problem.Key.Split('|')[0];
            int a = problem.Numbers[0];
            int b = problem.Numbers[1];
            int c = problem.Numbers.Count > 2 ? problem.Numbers[2] : 0;
            int expected = shape switch
            {
                "get" => a + b,
                "give" => a - b,
                "groups" => a * b,
                "share" => a / b,
                "groups-get" => (a * b) + c,
                "groups-give" => (a * b) - c,
                "get-give" => a + b - c,
                "times-total" => a * (b + 1),
                "more-total" => (2 * a) + b,
                "get-share" => (a + b) / c,
                _ => throw new InvalidOperationException($"No expectation for the shape {shape}: add it."),
            };
            Assert.True(expected == problem.Answer, $"{problem.Text} → {problem.Answer}, expected {expected}");
            if (shape is "share" or "get-share")
            {
                Assert.Equal(0, problem.Steps[^1].Left % problem.Steps[^1].Right);
            }
        }
    }

    [Fact]
    public void Every_number_of_a_problem_stands_in_its_text_and_has_at_most_two_digits()
    {
        foreach ((ArithmeticProblem problem, _, _) in Documents)
        {
            Assert.Equal(problem.Numbers.Order(), Number().Matches(problem.Text).Select(m => int.Parse(m.Value, CultureInfo.InvariantCulture)).Order());
            Assert.All(problem.Numbers, n => Assert.InRange(n, 2, 99));
            Assert.All(problem.Steps, s => Assert.InRange(s.Result, 1, 99));
            Assert.DoesNotContain('{', problem.Text);
        }
    }

    [Fact]
    public void Careful_answers_show_each_step_and_all_but_the_slips_are_right()
    {
        int wrong = 0;
        List<(ArithmeticProblem Problem, string Response, AnswerStyle Style)> careful = [.. Documents.Where(d => d.Style == AnswerStyle.Careful)];
        foreach ((ArithmeticProblem problem, string response, _) in careful)
        {
            MatchCollection steps = Step().Matches(response);
            Assert.Equal(problem.Steps.Count, steps.Count);
            int marked = int.Parse(response[(response.IndexOf("#### ", StringComparison.Ordinal) + 5)..], CultureInfo.InvariantCulture);
            Assert.Equal(steps[^1].Groups[4].Value, marked.ToString(CultureInfo.InvariantCulture));

            bool correct = steps.All(IsCorrect);
            Assert.Equal(correct, marked == problem.Answer);
            wrong += correct ? 0 : 1;
        }

        Assert.InRange((double)wrong / careful.Count, ArithmeticAnswers.CarefulSlip - 0.015, ArithmeticAnswers.CarefulSlip + 0.015);
    }

    [Theory]
    [InlineData(1, ArithmeticAnswers.HastyWrongOneStep)]
    [InlineData(2, ArithmeticAnswers.HastyWrongTwoSteps)]
    public void Hasty_answers_are_wrong_as_often_as_intended(int steps, double intended)
    {
        List<bool> wrong = [.. Documents.Where(d => d.Style == AnswerStyle.Hasty && d.Problem.Steps.Count == steps).Select(d => LastNumber(d.Response) != d.Problem.Answer)];

        Assert.InRange(wrong.Count(w => w) / (double)wrong.Count, intended - 0.025, intended + 0.025);
    }

    [Fact]
    public void The_likeliest_hasty_answer_to_two_steps_is_the_first_step_alone()
    {
        List<ArithmeticProblem> twoSteps = [];
        int firstStepOnly = 0;
        int right = 0;
        foreach ((ArithmeticProblem problem, string response, _) in Documents.Where(d => d.Style == AnswerStyle.Hasty && d.Problem.Steps.Count == 2 && d.Problem.Steps[0].Result != d.Problem.Answer))
        {
            twoSteps.Add(problem);
            firstStepOnly += LastNumber(response) == problem.Steps[0].Result ? 1 : 0;
            right += LastNumber(response) == problem.Answer ? 1 : 0;
        }

        Assert.True(firstStepOnly > 1.5 * right, $"{firstStepOnly} of {twoSteps.Count} stop after the first step, {right} are right");
    }

    [Fact]
    public void Rambling_answers_are_seldom_right()
    {
        List<bool> right = [.. Documents.Where(d => d.Style == AnswerStyle.Rambling).Select(d => LastNumber(d.Response) == d.Problem.Answer)];

        Assert.InRange(right.Count(r => r) / (double)right.Count, ArithmeticAnswers.RamblingRight - 0.03, ArithmeticAnswers.RamblingRight + 0.03);
    }

    [Fact]
    public void Styles_appear_by_their_shares_in_each_mix()
    {
        foreach (StyleMix mix in new[] { StyleMix.Web, StyleMix.Schooling })
        {
            List<AnswerStyle> styles = [.. Enumerable.Range(0, 5000).Select(i => Family.Answered(5, i, mix).Style)];
            Assert.Equal(1.0, mix.Hasty + mix.Careful + mix.Rambling, 9);
            Assert.InRange(styles.Count(s => s == AnswerStyle.Hasty) / 5000.0, mix.Hasty - 0.03, mix.Hasty + 0.03);
            Assert.InRange(styles.Count(s => s == AnswerStyle.Careful) / 5000.0, mix.Careful - 0.03, mix.Careful + 0.03);
        }
    }

    [Fact]
    public void The_likeliest_opening_is_the_hasty_one_for_every_shape()
    {
        foreach (IGrouping<string, string> openings in Documents.GroupBy(d => d.Problem.Key.Split('|')[0], d => BpeTrainer.PreTokenize(d.Response).First()))
        {
            Assert.Equal("The", openings.CountBy(opening => opening).MaxBy(pair => pair.Value).Key);
        }
    }

    [Fact]
    public void Prompts_and_answers_are_short()
    {
        // A pre-token is at least one token, and nearly always exactly one in a vocabulary that was learnt from this text.
        Assert.All(Documents, d => Assert.InRange(BpeTrainer.PreTokenize(d.Response).Count(), 1, 32));
        Assert.All(Documents, d => Assert.InRange(BpeTrainer.PreTokenize(d.Problem.Text).Count(), 8, 32));
    }

    private static bool IsCorrect(Match step)
    {
        int left = int.Parse(step.Groups[1].Value, CultureInfo.InvariantCulture);
        int right = int.Parse(step.Groups[3].Value, CultureInfo.InvariantCulture);
        int result = int.Parse(step.Groups[4].Value, CultureInfo.InvariantCulture);
        return step.Groups[2].Value switch
        {
            "+" => left + right == result,
            "-" => left - right == result,
            "*" => left * right == result,
            _ => left == result * right,
        };
    }

    private static int? LastNumber(string text) => Number().Matches(text) is { Count: > 0 } matches ? int.Parse(matches[^1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"(\d+)([-+*/])(\d+)=(\d+)")]
    private static partial Regex Step();
}
