using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>Samples to judge, and a judge that answers by a script.</summary>
internal static class JudgeSamples
{
    public static RewardSample Of(string id, string response, string prompt = "What is 1 + 1?", System.Text.Json.Nodes.JsonNode? reference = null) =>
        new(id, [new("user", prompt), new("assistant", response)], reference, []);

    /// <summary>Samples whose responses are <c>r0</c>, <c>r1</c> …</summary>
    public static RewardSample[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => Of($"s{i}", $"r{i}"))];
}

/// <summary>Answers by a function of the question's texts, and remembers what it was asked.</summary>
internal sealed class ScriptedJudge(Func<string[], JudgeAnswer> answer) : IJudge
{
    public string Name => "scripted";

    public string Identity => "scripted";

    public List<string[]> Asked { get; } = [];

    public Task AskAsync(IReadOnlyList<JudgeQuestion> questions, Action<int, JudgeAnswer> onAnswer, CancellationToken cancellationToken)
    {
        // From the last to the first: nothing may depend on the order in which answers come.
        for (int i = questions.Count - 1; i >= 0; i--)
        {
            string[] texts = [.. questions[i].Messages.Select(message => message.Content)];
            Asked.Add(texts);
            onAnswer(i, answer(texts));
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
