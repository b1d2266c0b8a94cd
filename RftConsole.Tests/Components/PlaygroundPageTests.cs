using Bunit;

using RftConsole.Training.Generation;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components;

/// <summary>Base and tuned side by side.</summary>
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
        Assert.Equal("Enter a prompt, or take a sample.", ErrorOf("Prompt"));
    }

    [Fact]
    public void A_sample_prompt_comes_from_the_test_file_with_its_reference_answer()
    {
        Show<PlaygroundPage>("/playground");

        Click("Sample prompt");

        Assert.Contains("?", Field("Prompt").TextContent + Field("Prompt").GetAttribute("value"));
        Assert.Contains("Reference answer:", Page.Find(".reference").TextContent);
    }

    [Fact]
    public void A_console_without_deployments_says_how_to_get_one_and_still_answers()
    {
        Playground.Targets.RemoveAt(1);
        Run("2 + 3?");
        Assert.Contains("No tuned model is deployed", Page.Markup);

        Answer(Base, "four", 1, "stop");

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
