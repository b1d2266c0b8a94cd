using RftConsole.Training;
using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Judge;

namespace RftConsole.Tests.Rewards.Judge;

/// <summary>A model of this process as judge.</summary>
public sealed class LocalJudgeTests
{
    private const string Instructions = "Is {completion} a right answer to {prompt}? Answer yes or no.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static RewardServices Services => new() { Models = TestEngine.Models };

    [Fact]
    public async Task The_score_is_the_probability_of_yes_over_yes_and_no()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        RewardSample[] samples = [JudgeSamples.Of("a", "two"), JudgeSamples.Of("b", "three"), JudgeSamples.Of("c", "two", "What is the capital of France?")];
        await using IRewardFunction function = await StartAsync(model.Path);

        var results = await function.ScoreAsync(samples, Token);

        // Computed anew, one prompt at a time, from the whole distribution.
        int[] yes = FirstTokens(model, "yes"), no = FirstTokens(model, "no");
        Assert.NotEmpty(yes.Except(no));
        foreach ((RewardSample sample, RewardResult result) in samples.Zip(results))
        {
            string question = Instructions.Replace("{completion}", sample.Messages[1].Content, StringComparison.Ordinal).Replace("{prompt}", sample.Messages[0].Content, StringComparison.Ordinal);
            int[] ids = model.EncodePrompt([new("user", question)], RftConsole.Training.Text.ReasoningEffort.None);
            float[] logs = await TestEngine.RunAsync(() => SequenceScorer.NextLogProbabilities(model.Decoder, null, ids));
            double pYes = yes.Except(no).Sum(id => Math.Exp(logs[id])), pNo = no.Except(yes).Sum(id => Math.Exp(logs[id]));
            Assert.Equal(pYes / (pYes + pNo), result.Score, 1e-4);
        }

        Assert.NotEqual(results[0].Score, results[1].Score);
    }

    [Fact]
    public async Task The_same_samples_get_the_same_scores_to_the_last_bit()
    {
        RewardSample[] samples = JudgeSamples.Many(24);
        await using IRewardFunction first = await StartAsync("starter"), second = await StartAsync("starter");

        double[] scores = [.. (await first.ScoreAsync(samples, Token)).Select(result => result.Score)];
        await second.ScoreAsync(JudgeSamples.Many(5), Token);

        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        Assert.True(scores.Distinct().Count() > 1);
        Assert.Equal(scores, (await second.ScoreAsync(samples, Token)).Select(result => result.Score));
        Assert.Equal(first.ContentHash, second.ContentHash);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_judges_context_has_no_verdict()
    {
        var model = await TestEngine.Models.LoadAsync("starter");
        await using IRewardFunction function = await StartAsync("starter");
        string endless = string.Concat(Enumerable.Repeat("word ", model.Decoder.Config.ContextLength + 1));

        var results = await function.ScoreAsync([JudgeSamples.Of("a", "two"), JudgeSamples.Of("b", endless), JudgeSamples.Of("c", "three")], Token);

        Assert.Equal([true, false, true], results.Select(result => result.IsJudged));
        Assert.Contains($"the context of starter holds {model.Decoder.Config.ContextLength}", results[1].Unjudged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_cannot_end_the_judges_turn()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"));
        string[] special = [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(model.Tokenizer.IsSpecial).Select(id => model.Tokenizer.Decode([id])).Where(text => text.Length > 1)];
        Assert.NotEmpty(special);
        LocalJudge judge = new("m", model, JudgeScoring.Probability, 8, TestEngine.Compute, WorkPriority.Training);
        double[] answers = new double[2];

        // What is forged with the real tokens is read as the same text with a space in them.
        string forged = string.Concat(special), harmless = string.Concat(special.Select(token => token[..1] + " " + token[1..]));
        await judge.AskAsync([new([new("user", forged)]), new([new("user", harmless)])], (index, answer) => answers[index] = answer.YesProbability!.Value, Token);

        Assert.Equal(answers[1], answers[0], 1e-5);
    }

    [Fact]
    public async Task Generated_text_that_is_no_JSON_is_no_verdict()
    {
        await using IRewardFunction function = await StartAsync("starter", JudgeScoring.Json, maxTokens: 4);

        var results = await function.ScoreAsync(JudgeSamples.Many(3), Token);

        Assert.All(results, result => Assert.False(result.IsJudged));
        Assert.All(results, result => Assert.Contains("could not be read", result.Unjudged, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Instructions_longer_than_the_judges_context_are_cut_to_their_goal_or_refused()
    {
        List<string> warnings = [];
        RewardServices services = Services with
        {
            Warn = (code, message) =>
            {
                warnings.Add($"{code}: {message}");
                return ValueTask.CompletedTask;
            },
        };
        RewardFunctionSpecification specification = new() { Type = "modelAsJudge", JudgeModel = new("starter"), Template = "rag-faithfulness" };
        await using IRewardFunction function = await RewardFunctions.CreateAsync(specification, ".", services, new(), Token);

        Assert.All(await function.ScoreAsync(JudgeSamples.Many(2), Token), result => Assert.True(result.IsJudged));
        Assert.StartsWith("judge-context: The instructions take ", Assert.Single(warnings), StringComparison.Ordinal);
        string endless = string.Concat(Enumerable.Repeat("Be strict. ", 200)) + "{completion}";
        var error = await Assert.ThrowsAsync<UserInputException>(() => RewardFunctions.CreateAsync(specification with { Template = null, Instructions = endless }, ".", services, new(), Token));
        Assert.Contains("shorten them, or take a judge with a longer context", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<UserInputException>(() => StartAsync("no-such-model"));

        Assert.StartsWith("rewardFunction.judgeModel: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-model", error.Message, StringComparison.Ordinal);
    }

    private static int[] FirstTokens(LoadedModel model, string word)
    {
        string capital = char.ToUpperInvariant(word[0]) + word[1..];
        int[][] all = [.. new[] { word, capital, word.ToUpperInvariant() }.SelectMany(x => new[] { x, " " + x }).Select(x => model.Tokenizer.Encode(x))];
        int[][] whole = [.. all.Where(ids => ids.Length == 1)];
        return [.. (whole.Length > 0 ? whole : all).Select(ids => ids[0]).Distinct()];
    }

    private static Task<IRewardFunction> StartAsync(string judge, JudgeScoring? scoring = null, int maxTokens = 24) => RewardFunctions.CreateAsync(
        new() { Type = "modelAsJudge", JudgeModel = new(judge), Instructions = Instructions, Scoring = scoring, Limits = new() { MaxTokens = maxTokens } }, ".", Services, new(), Token);
}
