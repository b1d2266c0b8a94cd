using System.Text.Json.Nodes;

using RftConsole.Training.Starter;
using RftConsole.Training.Starter.Arithmetic;
using RftConsole.Training.Starter.Contacts;
using RftConsole.Training.Starter.Diagnosis;
using RftConsole.Training.Starter.Dialogs;
using RftConsole.Training.Starter.Instructions;
using RftConsole.Training.Starter.Lists;
using RftConsole.Training.Starter.Passages;

namespace RftConsole.Tests.Starter;

/// <summary>What every family promises: answers that are right as often as their style says, by a check that stands apart from the writer.</summary>
public abstract class TaskFamilyTests
{
    private const int Count = 2000;

    private protected abstract ITestedFamily Family { get; }

    /// <summary>Careful answers that are right; below 1 where the style has slips of its own.</summary>
    protected virtual double LeastCareful => 1;

    [Fact]
    public void Careful_answers_are_right() => Assert.InRange(ShareRight(new StyleMix(0, 1, 0)), LeastCareful, 1);

    [Fact]
    public void Hasty_answers_are_right_for_the_easy_part_of_the_problems() => Assert.InRange(ShareRight(new StyleMix(1, 0, 0)), 0.22, 0.5);

    [Fact]
    public void Rambling_answers_get_nowhere() => Assert.InRange(ShareRight(new StyleMix(0, 0, 1)), 0, 0.2);

    [Fact]
    public void No_answer_and_the_prompt_given_back_are_wrong()
    {
        foreach ((JsonObject facts, string prompt, _) in Answers(StyleMix.Web))
        {
            Assert.False(Family.IsRight(facts, ""), prompt);
            Assert.False(Family.IsRight(facts, prompt), prompt);
        }
    }

    [Fact]
    public void Attempts_for_a_judge_are_what_was_asked_for_and_the_reasoning_agrees()
    {
        for (int i = 0; i < Count; i++)
        {
            StarterAttempt right = Family.Attempt(i, right: true), wrong = Family.Attempt(i, right: false);
            Assert.Equal(right.Prompt, wrong.Prompt);
            Assert.NotEqual(right.Response, wrong.Response);
            Assert.True(right.Right && right.Reasoning.Split(", ").All(item => item.EndsWith(" yes", StringComparison.Ordinal)), right.Reasoning);
            Assert.True(!wrong.Right && wrong.Reasoning.Split(", ").Any(item => item.EndsWith(" no", StringComparison.Ordinal)), wrong.Reasoning);
            Assert.Equal(wrong, Family.Attempt(i, right: false));
        }
    }

    private double ShareRight(StyleMix styles) => Answers(styles).Average(x => Family.IsRight(x.Facts, x.Response) ? 1.0 : 0);

    private IEnumerable<(JsonObject Facts, string Prompt, string Response)> Answers(StyleMix styles) => Enumerable.Range(0, Count).Select(i => Family.Answer(i, styles));
}

/// <summary>A family without the type of its problems.</summary>
internal interface ITestedFamily
{
    (JsonObject Facts, string Prompt, string Response) Answer(long index, StyleMix styles);

    StarterAttempt Attempt(long index, bool right);

    bool IsRight(JsonObject facts, string response);
}

internal sealed class TestedFamily<TProblem>(TaskFamily<TProblem> family) : ITestedFamily
{
    public (JsonObject Facts, string Prompt, string Response) Answer(long index, StyleMix styles)
    {
        (TProblem problem, string response, _) = family.Answered(11, index, styles);
        return (family.Facts(problem), family.Document(11, index, styles).Prompt[^1].Content, response);
    }

    public StarterAttempt Attempt(long index, bool right) => family.Attempt(3, index, right);

    public bool IsRight(JsonObject facts, string response) => family.IsRight(facts, response);
}

public sealed class ArithmeticAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<ArithmeticProblem>(new ArithmeticFamily());

    protected override double LeastCareful => 1 - ArithmeticAnswers.CarefulSlip - 0.02;

    [Theory]
    [InlineData("Tom has 3*4=12 pens. 12+5=17.\n#### 17", true)]
    [InlineData("The answer is 17.", true)]
    [InlineData("17 pens", true)]
    [InlineData("17\n#### 18", false)]
    [InlineData("It is 171.", false)]
    [InlineData("It is 17 or 5.", false)]
    public void The_answer_is_the_number_behind_the_mark_or_the_last_one(string response, bool right) =>
        Assert.Equal(right, Family.IsRight(new JsonObject { ["answer"] = "17" }, response));
}

public sealed class ContactAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<ContactRequest>(new ContactFamily());

    [Theory]
    [InlineData("""{"name": "Ann Reed", "age": 31}""", true)]
    [InlineData("""{"age":31,"name":"Ann Reed"}""", true)]
    [InlineData("""{"name": "Ann Reed", "age": "31"}""", false)]
    [InlineData("""{"name": "Ann Reed", "age": 32}""", false)]
    [InlineData("""{"name": "Ann Reed"}""", false)]
    [InlineData("""{"name": "Ann Reed", "age": 31, "city": "Rome"}""", false)]
    [InlineData("""{"name": "Ann Reed", "name": "Ann Reed", "age": 31}""", false)]
    [InlineData("""Here: {"name": "Ann Reed", "age": 31}""", false)]
    [InlineData("""[31]""", false)]
    public void Fields_values_and_types_are_those_of_the_schema(string response, bool right) =>
        Assert.Equal(right, Family.IsRight(new JsonObject { ["json"] = new JsonObject { ["name"] = "Ann Reed", ["age"] = 31 } }, response));
}

public sealed class ListAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<ListProblem>(new ListFamily());

    [Theory]
    [InlineData("3, 5, 9", true)]
    [InlineData(" 3,5, 9. ", true)]
    [InlineData("9, 5, 3", false)]
    [InlineData("3, 5", false)]
    [InlineData("The list is 3, 5, 9", false)]
    public void The_list_and_nothing_else(string response, bool right) => Assert.Equal(right, Family.IsRight(new JsonObject { ["list"] = new JsonArray("3", "5", "9") }, response));
}

public sealed class InstructionAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<SentenceRequest>(new InstructionFamily());

    [Theory]
    [InlineData("The happy cat sleeps today.", true)]
    [InlineData("The happy cat sleeps.", false)]
    [InlineData("The happy cat sleeps today", false)]
    [InlineData("The happy cat sleeps. Today.", false)]
    [InlineData("The happy red cat sleeps.", false)]
    [InlineData("The happy dog sleeps today.", false)]
    [InlineData("The unhappy cat sleeps today.", false)]
    public void Length_topic_and_both_words_count(string response, bool right) =>
        Assert.Equal(right, Family.IsRight(new JsonObject { ["about"] = "cat", ["words"] = 5, ["use"] = "happy", ["avoid"] = "red" }, response));
}

public sealed class DialogAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<Talk>(new DialogFamily());

    [Theory]
    [InlineData("Tom and Mia will play chess on Monday at 5.", true)]
    [InlineData("On Monday at 5, Mia and Tom play chess.", false)]
    [InlineData("Mia and Tom play chess on Monday at 5.", true)]
    [InlineData("Tom and Mia will play chess on Tuesday at 5.", false)]
    [InlineData("Tom and Mia will play chess on Monday at 5, not Tuesday.", false)]
    [InlineData("Tom and Ben will play chess on Monday at 5.", false)]
    [InlineData("Tom will play chess on Monday at 5.", false)]
    [InlineData("Tom and Mia will play chess on Monday at 5. They are friends.", false)]
    [InlineData("Tom and Mia will play chess on Monday at 4.", false)]
    public void People_activity_and_time_are_what_they_settled_on(string response, bool right) =>
        Assert.Equal(right, Family.IsRight(new JsonObject { ["people"] = new JsonArray("Tom", "Mia"), ["activity"] = "play chess", ["day"] = "Monday", ["hour"] = "5" }, response));
}

public sealed class DiagnosisAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<BrokenDevice>(new DiagnosisFamily());

    [Theory]
    [InlineData("The plug is in. The switch is off. So the switch is the fault.", true)]
    [InlineData("The plug is in. The switch is off. The bulb is whole. So the switch is the fault.", true)]
    [InlineData("The switch is off. So the switch is the fault.", false)]
    [InlineData("So the switch is the fault.", false)]
    [InlineData("The plug is out. The switch is off. So the switch is the fault.", false)]
    [InlineData("The plug is in. The switch is off. So the plug is the fault.", false)]
    [InlineData("The plug is in. The switch is off.", false)]
    public void Every_step_up_to_the_fault_is_there_and_true(string response, bool right) => Assert.Equal(
        right, Family.IsRight(new JsonObject { ["states"] = new JsonObject { ["plug"] = "in", ["switch"] = "off", ["bulb"] = "whole" }, ["fault"] = "switch" }, response));
}

public sealed class PassageAnswersTests : TaskFamilyTests
{
    private protected override ITestedFamily Family { get; } = new TestedFamily<PassageQuestion>(new PassageFamily());

    [Theory]
    [InlineData("Tom lives in Oslo.", true)]
    [InlineData("Mia lives in Oslo.", false)]
    [InlineData("Tom lives in Oslo. Mia is a cook.", false)]
    [InlineData("The context does not say.", false)]
    public void What_the_context_says_and_nothing_else(string response, bool right) =>
        Assert.Equal(right, Family.IsRight(new JsonObject { ["answer"] = new JsonArray("Tom lives in Oslo.", "Oslo.") }, response));
}
