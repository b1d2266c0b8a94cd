using RftConsole.Training.Jobs;
using RftConsole.Training.Starter;

namespace RftConsole.Training.Gallery;

/// <summary>The sample tasks with their jobs and stories.</summary>
public static class SampleTasks
{
    private const string WatchJudge = "Training rewards are the share of answers that the judge lets pass. Compare it with the rollouts now and then: a reward that climbs while the answers get odd is a judge that is being fooled.";

    /// <summary>
    /// A quarter of what a model of this size gets by default: the tasks are learnt well within their steps, and what chance does to the model in as many steps, which the control
    /// shows, stays small.
    /// </summary>
    private const double LearningRate = 5e-4;

    /// <summary>Every sample task, in the order of <see cref="SampleDataSets.All"/>.</summary>
    public static IReadOnlyList<SampleTask> All { get; } =
    [
        Task(
            "arithmetic",
            2,
            "A word problem with one or two steps, such as how many pens are left. The base model mostly blurts out a number; it can work a problem out and seldom does.",
            "Wherever a number can be checked: prices, doses, hours, grades. You have the right result and not the way to it.",
            "The template Mathematical reasoning takes the last number of the response, or the one behind ####, and compares it with the reference answer: 1 where they are equal, else 0.",
            "Training rewards rise within the first twenty steps, and the episode lengths with them: the model discovers that writing the steps down pays. Policy entropy falls as it settles on that."),
        Task(
            "contacts",
            1,
            "A sentence with somebody's details and a schema. The base model writes JSON, but puts numbers in quotation marks, or leaves a field out.",
            "Every program that reads a model's output needs it in one exact form.",
            "The template Format validation checks the response against the JSON schema of its record. It does not compare the values: copying them is what the model does well already.",
            "The reward jumps early: one habit has to go. See in the rollouts how \"34\" becomes 34."),
        Task(
            "lists",
            2,
            "Three to five numbers or things to sort up or down, to turn around, or to cut. The base model sorts everything upwards, or gives the list back as it came.",
            "A task of your own without a template: the skeleton of the generic grader is all the code there is.",
            "The generic grader gives 1 where the response equals the reference answer, and one half where it only contains it.",
            "Reward margin: as long as a group holds right and wrong answers there is something to learn. It shrinks as the model gets better."),
        Task(
            "instructions",
            2,
            "One sentence about an animal or a person, with a given number of words, a word to use and a word to avoid. The base model writes five words, whatever was asked.",
            "Answers for a small screen, a headline, a form: limits that people state and models overlook.",
            "A judge, the embedded model itself, reads prompt and response and says whether the response does what was asked. There is no reference answer at all.",
            WatchJudge),
        Task(
            "dialogs",
            2,
            "Two people agree on what to do and when. The base model sums up what was proposed first, even where they settled on something else.",
            "Minutes, call notes, tickets: what counts is what was agreed in the end.",
            "A judge reads the talk and the sentence and says whether somebody who was not there can rely on it. There is no reference summary.",
            WatchJudge),
        Task(
            "diagnosis",
            2,
            "Three parts of a device that does not work were looked at. The base model blames the first one, whatever its state.",
            "Support, maintenance, triage: a conclusion is worth what its steps are worth.",
            "A judge reads the steps and says whether they are true and lead to the conclusion. A right guess without its steps does not pass.",
            WatchJudge),
        Task(
            "passages",
            2,
            "A short text and a question that it answers or not. The base model always finds an answer, if need be somebody else's.",
            "Questions on documents: an invented answer costs more than none.",
            "A judge says whether the text supports the response. \"The context does not say\" passes where that is so, and only there.",
            WatchJudge),
    ];

    /// <summary>The task of a name.</summary>
    /// <exception cref="UserInputException">There is none.</exception>
    public static SampleTask Of(string name) =>
        All.FirstOrDefault(task => task.Data.Name == name) ?? throw new UserInputException($"there is no sample task \"{name}\"; there are {string.Join(", ", All.Select(task => task.Data.Name))}");

    private static SampleTask Task(string name, int epochs, string what, string why, string reward, string watch) =>
        new(SampleDataSets.All.Single(set => set.Name == name), new Hyperparameters { EpochCount = epochs, LearningRate = LearningRate }, new(what, why, reward, watch));
}
