using Bunit;

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Storage;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Components.Layout;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>What a page shows that cannot be shown.</summary>
public sealed class PageErrorTests : PageContext
{
    [Fact]
    public void A_locked_key_in_the_rollouts_is_one_sentence_with_a_way_to_unlock_and_the_rest_of_the_page_stays()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault", KeyKind.Passphrase, unlocked: false));
        Jobs.AddRollouts("j1", SampleJob.MakeRollout(1, 0, 0, "seven"));
        Jobs.Locked = new KeyUnavailableException("The encryption key \"vault\" is locked: unlock it in Settings, under Encryption keys.");
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed);

        Show<JobPage>("/jobs/j1?tab=rollouts", ("Id", "j1"));

        Page.WaitForAssertion(() => Assert.Equal("This is encrypted and cannot be read now", Text(Page.Find("[role=alert] h2"))));
        Assert.Contains("The encryption key \"vault\" is locked", Page.Markup, StringComparison.Ordinal);
        Assert.Contains("arith", Headings("h1"));
        Type("Passphrase of vault", "wrong");
        Click("Unlock vault");
        Page.WaitForAssertion(() => Assert.Contains("this is not the passphrase", Page.Markup, StringComparison.Ordinal));
        Type("Passphrase of vault", "right");
        Jobs.Locked = null;
        Click("Unlock vault");
        Page.WaitForAssertion(() => Assert.Single(Page.FindAll(".rollout-row")));
    }

    [Fact]
    public void A_part_that_fails_can_be_tried_again()
    {
        Faulty.Fails = true;
        Show<SectionBoundary>("/", (nameof(SectionBoundary.ChildContent), (RenderFragment)(builder =>
        {
            builder.OpenComponent<Faulty>(0);
            builder.CloseComponent();
        })));
        Assert.Equal("This part of the page ran into a problem", Text(Page.Find("h2")));

        Faulty.Fails = false;
        Click("Try again");

        Page.WaitForAssertion(() => Assert.Contains("all is well", Page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_that_does_not_exist_has_ways_on()
    {
        Show<NotFoundPage>("/not-found");

        string?[] ways = [.. Page.FindAll("a").Select(link => link.GetAttribute("href"))];
        Assert.Empty(new[] { "/", "/jobs", "/models", "/playground", "/datasets", "/rewards", "/glossary" }.Except(ways));
    }

    [Theory]
    [InlineData(typeof(JobPage), "/jobs")]
    [InlineData(typeof(ModelPage), "/models")]
    [InlineData(typeof(RewardPage), "/rewards")]
    [InlineData(typeof(DataSetPage), "/datasets")]
    public void What_was_deleted_is_no_dead_end(Type page, string way)
    {
        Navigation.NavigateTo(way + "/gone");
        IRenderedComponent<IComponent> shown = Render(builder =>
        {
            builder.OpenComponent<MudBlazor.MudPopoverProvider>(0);
            builder.CloseComponent();
            builder.OpenComponent(1, page);
            builder.AddComponentParameter(2, "Id", "gone");
            builder.CloseComponent();
        });

        shown.WaitForAssertion(() => Assert.Contains(shown.FindAll(".empty-state a"), link => link.GetAttribute("href") == way));
    }

    private sealed class Faulty : ComponentBase
    {
        public static bool Fails { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            if (Fails)
            {
                throw new InvalidOperationException("It broke.");
            }

            builder.AddContent(0, "all is well");
        }
    }
}
