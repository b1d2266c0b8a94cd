using Microsoft.AspNetCore.Http.Extensions;

using RftConsole.Web.Components.Playground;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components.Playground;

/// <summary>The address of the playground shows the same page to whoever opens it.</summary>
public sealed class PlaygroundAddressTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        PlaygroundAddress address = new()
        {
            Targets = ["base:starter", "model:m:20", null, "deployment:d"],
            Prompt = "2 + 3 = ?\n& more #1",
            System = "Be brief.",
            Settings = new(0.7, 64, 0.9, 7),
            HasMaxTokens = true,
            Set = "job:j",
        };

        PlaygroundAddress read = PlaygroundAddress.Parse(Link(address));

        Assert.Equal(address.Targets, read.Targets);
        Assert.Equal(address with { Targets = [] }, read with { Targets = [] });
    }

    [Fact]
    public void A_validation_prompt_stands_in_its_set_and_not_in_the_address()
    {
        PlaygroundAddress address = new() { Prompt = "long", System = "too", Set = "job:j", Record = 12 };

        Assert.DoesNotContain("prompt", Link(address), StringComparison.Ordinal);
        Assert.DoesNotContain("system", Link(address), StringComparison.Ordinal);
        Assert.Equal(("job:j", 12), (PlaygroundAddress.Parse(Link(address)).Set, PlaygroundAddress.Parse(Link(address)).Record));
    }

    [Fact]
    public void A_text_that_no_server_would_take_is_left_out() => Assert.Equal("http://localhost/playground", Link(new() { Prompt = new('x', 4000) }));

    [Theory]
    [InlineData("temperature=9")]
    [InlineData("temperature=NaN")]
    [InlineData("top_p=0")]
    [InlineData("max_tokens=-1")]
    [InlineData("seed=one")]
    [InlineData("record=0")]
    [InlineData("")]
    public void What_cannot_be_meant_is_left_at_its_default(string query) =>
        Assert.Equal(new PlaygroundAddress() with { Targets = [] }, PlaygroundAddress.Parse("http://localhost/playground?" + query) with { Targets = [] });

    [Fact]
    public void Base_and_tuned_are_a_deployment_and_the_model_that_it_came_from()
    {
        PlaygroundTarget[] targets =
        [
            new("base:other", "Other", PlaygroundTarget.BaseKind, "other"),
            new("base:starter", "Starter", PlaygroundTarget.BaseKind, "starter"),
            new("model:m", "arith", PlaygroundTarget.TunedKind, "starter") { Checkpoints = [new("model:m:20", 20, true, 1, "arith:ckpt-step-20")] },
            new("deployment:d", "live", PlaygroundTarget.DeploymentKind, "starter"),
        ];

        Assert.Equal(["base:starter", "deployment:d"], ColumnChoices.Choose(targets, [null, null]));
        Assert.Equal(["base:starter", "model:m"], ColumnChoices.Choose(targets[..3], [null, null]));
        Assert.Equal(["base:other", null], ColumnChoices.Choose(targets[..2], [null, null]));
        Assert.Equal(["base:other", "model:m:20", "deployment:d"], ColumnChoices.Choose(targets, ["base:other", "model:m:20", "model:gone"]));
        Assert.Equal(["Base", "Tuned", "Model 3"], new[] { 0, 1, 2 }.Select(index => ColumnChoices.Title(index, targets[index == 0 ? 0 : 3])));
        Assert.Equal(["Model 1", "Model 2"], new[] { 0, 1 }.Select(index => ColumnChoices.Title(index, targets[index == 0 ? 3 : 0])));
    }

    private static string Link(PlaygroundAddress address)
    {
        QueryBuilder query = new(address.ToQuery().Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, FormattableString.Invariant($"{pair.Value}"))));
        return "http://localhost/playground" + query.ToQueryString();
    }
}
