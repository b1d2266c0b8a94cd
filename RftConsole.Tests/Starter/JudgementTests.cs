using System.Text.RegularExpressions;

using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards.Judge;
using RftConsole.Training.Rewards;
using RftConsole.Training.Starter.Judging;
using RftConsole.Training.Starter;

namespace RftConsole.Tests.Starter;

/// <summary>The judgements of the corpus are the questions of the gallery's judges.</summary>
public sealed class JudgementTests
{
    private static readonly List<StarterDocument> s_documents = [.. Enumerable.Range(0, 2000).Select(i => Judgements.Document(5, i))];

    [Fact]
    public void Right_and_wrong_answers_come_up_equally_often_and_every_verdict_can_be_read()
    {
        JudgeReading[] readings = [.. s_documents.Select(document => JudgeAnswerReader.Read(new JudgeAnswer(document.Response), ["score"], "", out _)!)];

        Assert.InRange(readings.Average(reading => reading.Values[0]), 0.46, 0.54);
        Assert.All(readings.Zip(s_documents), pair => Assert.Equal(pair.First.Values[0] == 1, pair.Second.Judged is not null));
        Assert.All(readings.Zip(s_documents), pair => Assert.Equal(pair.First.Values[0] == 1, !Regex.IsMatch(pair.Second.Response, @"\bno\b")));
    }

    [Fact]
    public async Task The_embedded_model_is_asked_in_the_words_that_it_was_taught()
    {
        var starter = await TestEngine.Models.LoadAsync(BaseModels.Starter);
        foreach (SampleTask task in SampleTasks.All.Where(task => task.IsJudged))
        {
            string instructions = RewardTemplates.Find(task.Data.RewardTemplate)!.Instructions!;
            await using LocalJudge judge = new(BaseModels.Starter, starter, JudgeScoring.Json, 64, TestEngine.Compute, Training.Compute.WorkPriority.Training);
            Assert.False(judge.HasRoomFor(new JudgePrompt(instructions, null, JudgeScoring.Json), out _), "the instructions fit as a whole, and the corpus teaches their goal alone");
            JudgePrompt asked = new(JudgePrompt.Shorten(instructions), null, JudgeScoring.Json);
            string beginning = Judgements.Question(asked, "\u0001", "\u0001").Split('\u0001')[0];
            Assert.Contains(s_documents, document => document.Prompt[^1].Content.StartsWith(beginning, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_loss_is_taken_on_the_verdict_and_a_little_on_a_right_answer_that_is_judged()
    {
        var tokenizer = (await TestEngine.Models.LoadAsync(BaseModels.Starter)).Tokenizer;
        foreach (StarterDocument document in s_documents.Take(200))
        {
            var sequence = PretrainingBatches.Encode(tokenizer, document);
            string text = $"<|im_start|>user\n{document.Prompt[0].Content}<|im_end|>\n<|im_start|>assistant\n{document.Response}<|im_end|>";
            Assert.Equal(tokenizer.Encode(text), sequence.Ids);
            Assert.Equal(document.Response + "<|im_end|>", Learnt(1));
            Assert.Equal(document.Judged ?? "", Learnt(StarterDocument.JudgedWeight));

            string Learnt(float weight) => tokenizer.Decode([.. sequence.Ids.Where((_, i) => sequence.Weights[i] == weight)]);
        }
    }
}
