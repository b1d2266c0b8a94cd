using AngleSharp.Dom;

using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>The library's page.</summary>
public sealed class RewardsPageTests : PageContext
{
    [Fact]
    public void An_empty_library_says_what_to_do()
    {
        Show<RewardsPage>("/rewards");

        Assert.Contains("No reward function of your own yet", Page.Markup, StringComparison.Ordinal);
        Assert.NotNull(FindButton("Create your first one"));
    }

    [Fact]
    public void Every_template_is_shown_with_documentation_an_example_and_a_body()
    {
        Show<RewardsPage>("/rewards");

        foreach (RewardTemplate template in RewardTemplates.All)
        {
            IElement card = Page.Find($"section[aria-labelledby='template-{template.Name}']");
            Assert.Contains(template.Title, card.TextContent, StringComparison.Ordinal);
            Assert.NotEmpty(card.QuerySelectorAll(".markdown h1"));
            Assert.Contains("\"messages\"", card.TextContent, StringComparison.Ordinal);
            Assert.Contains((template.Source ?? template.Instructions!).ReplaceLineEndings("\n"), card.TextContent.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_function_made_of_a_template_has_its_code_and_a_name_is_proposed()
    {
        Show<RewardsPage>("/rewards");
        Click("Create from this: Generic grader with boilerplate code");
        Page.WaitForAssertion(() => Assert.Equal("my-generic-grader", Field("Name").GetAttribute("value")));

        Click("Create");

        Page.WaitForAssertion(() => Assert.Equal("/rewards/reward-1", Address));
        Assert.Equal(RewardTemplates.Find("generic-grader")!.Source, RewardCode.Kept[RewardLibrary["reward-1"].Latest.Specification.File!]);
    }

    [Fact]
    public void A_refused_name_is_said_beside_the_field_and_nothing_is_lost()
    {
        RewardLibrary.RefuseName = "Name: there is a reward function \"mine\" already; choose another name.";
        Show<RewardsPage>("/rewards");
        Click("Create reward function");
        Page.WaitForAssertion(() => Assert.NotNull(Field("Name")));
        Type("Name", "mine");

        Click("Create");

        Page.WaitForAssertion(() => Assert.StartsWith("there is a reward function \"mine\" already", ErrorOf("Name"), StringComparison.Ordinal));
        Assert.Equal("mine", Field("Name").GetAttribute("value"));
    }

    [Fact]
    public void Deleting_names_the_jobs_that_use_it()
    {
        RewardEntry entry = RewardLibrary.Add("mine", new RewardFunctionSpecification { File = "/one.py" });
        RewardLibrary.Users[entry.Reward.Id] = [new("a", "first-job", 1), new("b", "second-job", 1)];
        Show<RewardsPage>("/rewards");

        Click("Delete mine");
        Page.WaitForAssertion(() => Assert.Contains("Used by first-job, second-job.", Page.Markup, StringComparison.Ordinal));
        Click("Delete");

        Page.WaitForAssertion(() => Assert.Contains("No reward function of your own yet", Page.Markup, StringComparison.Ordinal));
    }
}
