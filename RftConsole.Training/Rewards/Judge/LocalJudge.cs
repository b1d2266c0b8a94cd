using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// A model of this process as judge, without an adapter. Its batches are a function of the questions alone, so a job that it judges stays a pure function of the job.
/// </summary>
public sealed class LocalJudge : IJudge
{
    private static readonly string[] s_yes = ["yes", "Yes", "YES", " yes", " Yes", " YES"];
    private static readonly string[] s_no = ["no", "No", "NO", " no", " No", " NO"];

    private readonly LoadedModel _model;
    private readonly ComputeThread _compute;
    private readonly WorkPriority _priority;
    private readonly JudgeScoring _scoring;
    private readonly int _maxTokens;
    private readonly string[] _special;
    private readonly int[] _yes;
    private readonly int[] _no;

    /// <param name="name">The model's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="scoring">What is asked for.</param>
    /// <param name="maxTokens">Most tokens of an answer.</param>
    /// <param name="compute">The compute thread.</param>
    /// <param name="priority">Of its slices.</param>
    /// <exception cref="UserInputException">The model cannot be asked for yes or no.</exception>
    public LocalJudge(string name, LoadedModel model, JudgeScoring scoring, int maxTokens, ComputeThread compute, WorkPriority priority)
    {
        (Name, _model, _scoring, _maxTokens, _compute, _priority) = (name, model, scoring, maxTokens, compute, priority);
        _special = [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(model.Tokenizer.IsSpecial).Select(id => model.Tokenizer.Decode([id])).Where(text => text.Length > 1)];
        int[] yes = First(s_yes), no = First(s_no);
        _yes = [.. yes.Except(no)];
        _no = [.. no.Except(yes)];
        if (scoring == JudgeScoring.Probability && (_yes.Length == 0 || _no.Length == 0))
        {
            throw new UserInputException($"{name} writes yes and no with the same first token, so their probabilities cannot be told apart; set scoring to json");
        }

        int[] First(string[] words)
        {
            int[][] encoded = [.. words.Select(word => model.Tokenizer.Encode(word)).Where(ids => ids.Length > 0)];
            // Whole words where the vocabulary has any: a shorter piece begins other words too.
            int[][] whole = [.. encoded.Where(ids => ids.Length == 1)];
            return [.. (whole.Length > 0 ? whole : encoded).Select(ids => ids[0]).Distinct()];
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Identity => $"{_model.ContentHash} {_maxTokens}";

    /// <summary>Whether these instructions leave a third of the context, or more, for what is to be judged.</summary>
    public bool HasRoomFor(JudgePrompt prompt, out int tokens)
    {
        tokens = prompt.Questions(new("", [new("user", ""), new("assistant", "")], null, [])).Max(question => Encode([new("user", question)]).Length);
        return tokens <= _model.Decoder.Config.ContextLength * 2 / 3;
    }

    /// <summary>Most tokens of a question.</summary>
    public int ContextLength => _model.Decoder.Config.ContextLength;

    /// <inheritdoc/>
    public async Task AskAsync(IReadOnlyList<JudgeQuestion> questions, Action<int, JudgeAnswer> onAnswer, CancellationToken cancellationToken)
    {
        int[][] prompts = [.. questions.Select(question => Encode(question.Messages))];
        int context = _model.Decoder.Config.ContextLength;
        int[] answerable = [.. Enumerable.Range(0, prompts.Length).Where(i => prompts[i].Length < context)];
        IReadOnlyList<JudgeAnswer> answers = answerable.Length == 0 ? []
            : _scoring == JudgeScoring.Probability ? await ProbabilitiesAsync([.. answerable.Select(i => prompts[i])], cancellationToken)
            : await TextsAsync([.. answerable.Select(i => prompts[i])], cancellationToken);
        foreach ((int question, JudgeAnswer answer) in answerable.Zip(answers))
        {
            onAnswer(question, answer);
        }

        foreach (int question in Enumerable.Range(0, prompts.Length).Except(answerable))
        {
            onAnswer(question, new("", Refusal: $"the judge's prompt has {prompts[question].Length} tokens, and the context of {Name} holds {context}"));
        }
    }

    /// <summary>The model belongs to its host.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int[] Encode(IReadOnlyList<ChatMessage> messages) => _model.EncodePrompt([.. messages.Select(Harmless)], ReasoningEffort.None);

    private async Task<IReadOnlyList<JudgeAnswer>> ProbabilitiesAsync(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken)
    {
        int[] next = [.. _yes, .. _no];
        List<JudgeAnswer> answers = [];
        foreach (IReadOnlyList<int[]> call in NextTokenScorer.Calls(prompts))
        {
            float[][] scored = await _compute.RunAsync(_priority, () => NextTokenScorer.Score(_model.Decoder, call, next), cancellationToken);
            answers.AddRange(scored.Select(logs => new JudgeAnswer("", YesOverNo(logs.AsSpan(0, _yes.Length), logs.AsSpan(_yes.Length)))));
        }

        return answers;
    }

    private async Task<IReadOnlyList<JudgeAnswer>> TextsAsync(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken)
    {
        var completions = await new BatchGenerator(_compute).GenerateAsync(_model, null, prompts, 1, SamplingOptions.Greedy(_maxTokens), (_, _, _) => 0, _priority, cancellationToken);
        return [.. completions.Select(group => new JudgeAnswer(_model.DecodeCompletion(group[0].Tokens), Truncated: !group[0].Ended))];
    }

    /// <summary>P(yes) / (P(yes) + P(no)), in logarithms, because both may be tiny.</summary>
    private static double? YesOverNo(ReadOnlySpan<float> yes, ReadOnlySpan<float> no)
    {
        double difference = LogSum(no) - LogSum(yes);
        return double.IsNaN(difference) ? null : 1 / (1 + Math.Exp(difference));
    }

    private static double LogSum(ReadOnlySpan<float> logs)
    {
        double largest = double.NegativeInfinity;
        foreach (float log in logs)
        {
            largest = Math.Max(largest, log);
        }

        double sum = 0;
        foreach (float log in logs)
        {
            sum += Math.Exp(log - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>A response that holds the tokens which end a turn would otherwise answer in the judge's place.</summary>
    private ChatMessage Harmless(ChatMessage message)
    {
        string text = message.Content;
        foreach (string token in _special)
        {
            text = text.Replace(token, token[..1] + " " + token[1..], StringComparison.Ordinal);
        }

        return text == message.Content ? message : message with { Content = text };
    }
}
