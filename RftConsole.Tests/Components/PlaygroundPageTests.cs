using Bunit;

using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components;

/// <summary>Two to four models side by side: conversations, validation prompts, comparisons, code.</summary>
public sealed class PlaygroundPageTests : PageContext
{
    private const string Base = "base:starter";
    private const string Tuned = "deployment:d1";

    public PlaygroundPageTests() => Playground.Targets.Add(new PlaygroundTarget(Tuned, "demo", "Deployment", "starter"));

    [Fact]
    public void One_prompt_streams_from_both_models()
    {
        Run("2 + 3?");

        Answer(Base, "four", 1, "stop");
        Answer(Tuned, "five", 1, "stop");

        Page.WaitForAssertion(() => Assert.Equal(["four", "five"], Page.FindAll("[data-testid=answer]").Select(Text)));
        Assert.Equal([Base, Tuned], Playground.Asked.Select(asked => asked.Target));
        Assert.All(Playground.Asked, asked => Assert.Equal("2 + 3?", Assert.Single(asked.Messages).Content));
    }

    [Fact]
    public void Tokens_and_speed_stand_below_each_answer()
    {
        Run("2 + 3?");

        Answer(Base, "four", 50, "length");

        Page.WaitForAssertion(() => Assert.Contains("25.0 tokens/s", Page.FindAll(".answer-foot")[0].TextContent));
        Assert.Contains("50 tokens", Page.FindAll(".answer-foot")[0].TextContent);
        Assert.Contains("token limit reached", Page.FindAll(".answer-foot")[0].TextContent);
    }

    [Fact]
    public void The_settings_go_with_the_prompt()
    {
        Show<PlaygroundPage>("/playground");
        Type("Prompt", "2 + 3?");
        Field("Temperature").Change("0.7");
        Field("Maximum tokens").Change("32");
        Field("Seed").Change("9");

        Click("Run");

        Assert.All(Playground.Asked, asked => Assert.Equal(new PlaygroundSettings(0.7, 32, 1, 9), asked.Settings));
    }

    [Fact]
    public void Stop_ends_both_streams_and_keeps_what_came()
    {
        Run("2 + 3?");
        Playground.Answer(Base).Writer.TryWrite(new ChatPiece("fo", 1, TimeSpan.FromSeconds(1), null));

        Click("Stop");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
        Assert.Equal([Base, Tuned], Playground.Cancelled.Order());
    }

    [Fact]
    public void Without_a_prompt_nothing_is_asked_and_the_field_says_why()
    {
        Show<PlaygroundPage>("/playground");

        Click("Run");

        Assert.Empty(Playground.Asked);
        Assert.Equal("Enter a prompt, or take one of the validation set.", ErrorOf("Prompt"));
    }

    [Fact]
    public void Validation_prompts_come_one_by_one_with_their_reference_answers_and_the_reward_of_each_side()
    {
        AddSet();
        Show<PlaygroundPage>("/playground");

        Click("Next prompt");
        Click("Next prompt");
        Assert.Equal("2 + 2?", Prompt);
        Assert.Contains("Reference answer: 4", Page.Find(".reference").TextContent);
        Assert.Equal("1 + 1?", PromptAfter("Previous prompt"));
        Assert.Equal("2 + 2?", PromptAfter("Previous prompt"));
        Click("Run");
        Answer(Base, "wrong", 1, "stop");
        Answer(Tuned, "right", 1, "stop");

        Page.WaitForAssertion(() => Assert.Equal(["Reward 0", "Reward 1"], Page.FindAll(".answer-reward").Select(Text)));
        Assert.All(Playground.Asked, asked => Assert.Equal(["Add.", "2 + 2?"], asked.Messages.Select(message => message.Content)));
        Assert.Contains("set=job%3Aj", Address);
        Assert.Contains("record=2", Address);
        Click("Next prompt");
        Assert.Empty(Page.FindAll(".answer-reward"));
        Assert.All(Page.FindAll("[data-testid=answer]"), answer => Assert.Empty(Text(answer)));
    }

    [Fact]
    public void Answers_to_a_prompt_that_is_being_changed_show_what_they_answer()
    {
        Run("2 + 3?");
        Answer(Base, "four", 1, "stop");
        Answer(Tuned, "five", 1, "stop");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
        Assert.Empty(Page.FindAll(".said"));

        Type("Prompt", "2 + 4?");

        Page.WaitForAssertion(() => Assert.Equal(["2 + 3?", "2 + 3?"], Page.FindAll(".said").Select(Text)));
    }

    [Fact]
    public void A_validation_prompt_that_was_changed_has_no_reference_answer_and_no_reward()
    {
        AddSet();
        Show<PlaygroundPage>("/playground");
        Click("Next prompt");

        Type("Prompt", "3 + 3?");
        Click("Run");
        Answer(Base, "right", 1, "stop");
        Answer(Tuned, "right", 1, "stop");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
        Assert.Empty(Page.FindAll(".reference"));
        Assert.Empty(Page.FindAll(".answer-reward"));
        Assert.Contains("prompt=3", Address);
    }

    [Fact]
    public void A_link_shows_the_same_models_prompt_and_settings()
    {
        AddSet();
        Playground.Targets.Add(new PlaygroundTarget("model:m", "arith", PlaygroundTarget.TunedKind, "starter") { Checkpoints = [new("model:m:10", 10, false, 0.5, "arith:ckpt-step-10"), new("model:m:20", 20, true, 0.7, "arith:ckpt-step-20")] });

        Show<PlaygroundPage>("/playground?base=deployment%3Ad1&tuned=base%3Astarter&third=model%3Am%3A10&set=job%3Aj&record=1&temperature=0.5&seed=9");

        Page.WaitForAssertion(() => Assert.Equal("1 + 1?", Prompt));
        Assert.Equal(["Model 1", "Model 2", "Model 3"], Page.FindAll("section.answer").Select(section => section.GetAttribute("aria-label")));
        Click("Run");
        Assert.Equal([Tuned, Base, "model:m:10"], Playground.Asked.Select(asked => asked.Target));
        Assert.Equal((0.5, 9, 48), (Playground.Asked[0].Settings.Temperature, Playground.Asked[0].Settings.Seed, Playground.Asked[0].Settings.MaxTokens));
    }

    [Fact]
    public void A_link_to_a_model_that_is_gone_says_so()
    {
        Show<PlaygroundPage>("/playground?tuned=deployment%3Agone");

        Page.WaitForAssertion(() => Assert.Contains("here no more", Page.Markup));
    }

    [Fact]
    public void A_further_message_goes_to_all_and_each_goes_on_from_its_own_answers()
    {
        Converse();

        Assert.Equal(["2 + 3?", "four", "Sure?"], Playground.Asked[2].Messages.Select(message => message.Content));
        Assert.Equal(["2 + 3?", "five", "Sure?"], Playground.Asked[3].Messages.Select(message => message.Content));
        Assert.Equal(["yes", "no"], Page.FindAll("[data-testid=answer]").Select(Text));
        Assert.Equal(["four", "five"], Page.FindAll("[data-testid=earlier-answer]").Select(Text));
    }

    [Fact]
    public void A_message_that_is_edited_is_sent_again_without_what_followed()
    {
        Converse();

        Click("Edit message 2");
        Type("Message 2", "Really?");
        Playground.Restart();
        Click("Resend");
        Answer(Base, "aye", 1, "stop");
        Answer(Tuned, "nay", 1, "stop");

        Page.WaitForAssertion(() => Assert.Equal(["aye", "nay"], Page.FindAll("[data-testid=answer]").Select(Text)));
        Assert.Equal(["2 + 3?", "five", "Really?"], Playground.Asked[^1].Messages.Select(message => message.Content));
    }

    [Fact]
    public void Retry_asks_one_model_again_with_the_next_seed()
    {
        Show<PlaygroundPage>("/playground?temperature=1&seed=5");
        Type("Prompt", "2 + 3?");
        Click("Run");
        Answer(Base, "four", 1, "stop");
        Answer(Tuned, "five", 1, "stop");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Retry Base")));

        Playground.Restart();
        Click("Retry Base");
        Answer(Base, "six", 1, "stop");

        Page.WaitForAssertion(() => Assert.Equal(["six", "five"], Page.FindAll("[data-testid=answer]").Select(Text)));
        Assert.Equal([5L, 5L, 6L], Playground.Asked.Select(asked => asked.Settings.Seed));
    }

    [Fact]
    public void A_failure_of_one_model_stands_in_its_column_and_the_other_answers()
    {
        Run("2 + 3?");

        Playground.Answer(Base).Writer.Complete(new RftConsole.Training.UserInputException("This model is gone."));
        Answer(Tuned, "five", 1, "stop");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
        Assert.Contains("This model is gone.", Page.FindAll("section.answer")[0].TextContent);
        Assert.Contains("five", Page.FindAll("section.answer")[1].TextContent);
    }

    [Fact]
    public void Tokens_carry_their_probabilities_and_the_text_is_what_was_said()
    {
        Run("2 + 3?");

        Playground.Answer(Base).Writer.TryWrite(new ChatPiece("<b>4", 2, TimeSpan.FromSeconds(1), "stop") { Tokens = [Token("<b>", -0.1f), Token("4", -1f), Token("<end>", -0.2f) with { IsSpecial = true }] });
        Playground.Answer(Base).Writer.Complete();
        Answer(Tuned, "five", 1, "stop");

        Page.WaitForAssertion(() => Assert.Equal(["<b>", "4"], Page.FindAll(".token[data-details]").Select(element => element.TextContent)));
        Assert.Equal("<b>4", Page.FindAll("[data-testid=answer]")[0].TextContent);
        Assert.Equal("0", Page.FindAll("[data-testid=answer]")[0].GetAttribute("tabindex"));
        Assert.Null(Page.FindAll("[data-testid=answer]")[1].GetAttribute("tabindex"));
    }

    [Fact]
    public void Up_to_four_models_stand_side_by_side_and_further_ones_can_go()
    {
        Show<PlaygroundPage>("/playground");

        Click("Add a model");
        Click("Add a model");
        Assert.True(FindButton("Add a model")!.HasAttribute("disabled"));
        Assert.Equal(["Base", "Tuned", "Model 3", "Model 4"], Page.FindAll("section.answer").Select(section => section.GetAttribute("aria-label")));
        Click("Remove Model 3");

        Assert.Equal(3, Page.FindAll("section.answer").Count);
        Assert.DoesNotContain("fourth=", Address);
    }

    [Fact]
    public void A_console_without_tuned_models_says_how_to_get_one_and_still_answers()
    {
        Playground.Targets.RemoveAt(1);
        Run("2 + 3?");
        Assert.Contains("There is no tuned model yet", Page.Markup);

        Answer(Base, "four", 1, "stop");

        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
    }

    private string Prompt => Field("Prompt").GetAttribute("value") ?? Field("Prompt").TextContent;

    private static ScoredToken Token(string text, float logProbability) => new(text, System.Text.Encoding.UTF8.GetBytes(text), logProbability, []);

    private static TrainingRecord Record(int number) => new($"r{number}", [new ChatMessage("system", "Add."), new ChatMessage("user", $"{number + 1} + {number + 1}?")], 2 * (number + 1) + "", []);

    private void AddSet() => Comparison.Sets.Add(new(new("job:j", "arith"), [Record(0), Record(1)], new() { Template = "math-reasoning" }) { RewardName = "math", IsCostly = false, MaxTokens = 48 });

    private string PromptAfter(string button)
    {
        Click(button);
        return Prompt;
    }

    private void Converse()
    {
        Run("2 + 3?");
        Answer(Base, "four", 1, "stop");
        Answer(Tuned, "five", 1, "stop");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
        Playground.Restart();
        Type("Follow-up", "Sure?");
        Click("Send");
        Answer(Base, "yes", 1, "stop");
        Answer(Tuned, "no", 1, "stop");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Run")));
    }

    private void Run(string prompt)
    {
        Show<PlaygroundPage>("/playground");
        Type("Prompt", prompt);
        Click("Run");
        Assert.NotNull(FindButton("Stop"));
    }

    private void Answer(string target, string text, int tokens, string finish)
    {
        Playground.Answer(target).Writer.TryWrite(new ChatPiece(text, tokens, TimeSpan.FromSeconds(2), finish));
        Playground.Answer(target).Writer.Complete();
    }
}
