using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter.Judging;

/// <summary>
/// Questions of a judge in the very words in which a reward of that template puts them to a small model, each with the verdict of the family's own check. Right and wrong
/// answers come up equally often.
/// </summary>
internal static class Judgements
{
    /// <summary>Each sample task with a judge: the template of its reward, its family, and how many of the judgements it gets. The sentence of a dialog has the most to look for.</summary>
    private static readonly (JudgePrompt Prompt, string Family, double Weight)[] s_subjects =
    [
        (PromptOf("instruction-following"), "instructions", 0.24),
        (PromptOf("summarization"), "dialogs", 0.36),
        (PromptOf("reasoning-evaluation"), "diagnosis", 0.14),
        (PromptOf("rag-faithfulness"), "passages", 0.26),
    ];

    private static readonly double[] s_weights = [.. s_subjects.Select(subject => subject.Weight)];

    /// <summary>The judgement at <paramref name="index"/>.</summary>
    public static StarterDocument Document(ulong seed, long index)
    {
        Draw draw = new(seed, "judgement", index);
        (JudgePrompt prompt, string name, _) = s_subjects[draw.PickWeighted(s_weights)];
        bool right = draw.Chance(0.5);
        StarterAttempt attempt = StarterCorpus.Families.Single(family => family.Name == name).Attempt(seed, index, right);

        return new(
            [new ChatMessage("user", Question(prompt, attempt.Prompt, attempt.Response))],
            $$"""{"reasoning": "{{attempt.Reasoning}}", "score": {{(attempt.Right ? 1 : 0)}}}""",
            Judged: attempt.Right ? attempt.Response : null);
    }

    /// <summary>What the judge of a template is asked about a response.</summary>
    public static string Question(JudgePrompt prompt, string asked, string response) =>
        prompt.Questions(new RewardSample("", [new("user", asked), new("assistant", response)], null, [])).Single();

    private static JudgePrompt PromptOf(string template) =>
        new(JudgePrompt.Shorten(RewardTemplates.Find(template)!.Instructions!), null, JudgeScoring.Json);
}
