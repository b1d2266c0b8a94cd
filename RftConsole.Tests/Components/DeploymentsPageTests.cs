using Bunit;

using RftConsole.Web.Components.Pages;
using RftConsole.Web.Inference;

namespace RftConsole.Tests.Components;

/// <summary>The page of deployments: what each was asked, and what can be changed of it.</summary>
public sealed class DeploymentsPageTests : PageContext
{
    [Fact]
    public void A_deployments_details_tell_its_usage_and_the_name_that_programs_call()
    {
        Deploy();
        Usage.Hours.Add(new("k1", "d1", DateTimeOffset.UtcNow, 12, 1, 100, 50));
        Usage.Hours.Add(new("k1", "another", DateTimeOffset.UtcNow, 7, 0, 100, 50));

        Open();

        Page.WaitForAssertion(() => Assert.Contains("12 requests and 150 tokens in the last 30 days, 1 failed", Page.Markup, StringComparison.Ordinal));
        Assert.Contains("<code>arith</code>", Page.Markup, StringComparison.Ordinal);
        Assert.Contains("Invocation logging is off", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Description_and_logging_are_changed_and_shown()
    {
        Deploy();
        Open();
        Click("Edit arith");
        Page.WaitForAssertion(() => Assert.Contains("Edit arith", Page.Markup, StringComparison.Ordinal));
        Field("Description").Input("for the shop");

        Click("Save");

        Page.WaitForAssertion(() => Assert.Equal("for the shop", Deployments.All[0].Description));
        Page.WaitForAssertion(() => Assert.Contains("for the shop", Page.Markup, StringComparison.Ordinal));
        Assert.False(Deployments.Updates[0].Update.InvocationLogging);
    }

    [Fact]
    public void A_model_that_does_not_answer_is_refused_and_the_deployment_stays()
    {
        Deploy();
        Models.All.Add(new("m1", "arith-tuned", "starter", null, "arith", DateTimeOffset.UnixEpoch, 30, "", null, null, [new(30, true, "", 0.5)], new Dictionary<string, string>()));
        Open();
        Click("Point at another model");
        Page.WaitForAssertion(() => Assert.Contains("is asked for one token first", Page.Markup, StringComparison.Ordinal));
        Deployments.Refuse = "Model: \"arith-tuned\" does not answer, and the deployment stays as it is: broken";

        Click("Point at this model");

        Page.WaitForAssertion(() => Assert.Contains("the deployment stays as it is", Page.Markup, StringComparison.Ordinal));
        Assert.Empty(Deployments.Updates);
    }

    private void Deploy() => Deployments.All.Add(new("d1", "arith", "", "m1", "arith-tuned", "starter", 30, DeploymentStatus.Active, null, DateTimeOffset.UnixEpoch, new Dictionary<string, string> { ["team"] = "demo" }));

    private void Open()
    {
        Show<DeploymentsPage>("/deployments");
        Click("Details of arith");
    }
}
