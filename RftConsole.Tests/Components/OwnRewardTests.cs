using Bunit;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>A reward function of one's own in the wizard.</summary>
public sealed class OwnRewardTests : PageContext
{
    [Fact]
    public async Task Code_written_in_the_editor_is_what_the_job_runs()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");
        await WriteAsync("def lambda_handler", "(event, context): return []");
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        var job = Assert.Single(Jobs.Created);
        Assert.Null(job.RewardFunction.Template);
        Assert.Equal("def lambda_handler(event, context): return []", RewardCode.Kept[job.RewardFunction.File!]);
    }

    [Fact]
    public void A_template_fills_the_editor()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");

        Click("Edit this template's code");

        Assert.Contains("def lambda_handler", Editor.VerifyInvoke("create").Arguments[2] as string, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_is_marked_at_its_line_and_said()
    {
        RewardCode.Problem = new("SyntaxError: invalid syntax (line 3)", 3, 7);
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");

        Click("Check");

        Assert.Contains("SyntaxError: invalid syntax (line 3)", Page.Find("[role=status]").TextContent, StringComparison.Ordinal);
        Page.WaitForAssertion(() => Assert.NotEmpty(Editor.Invocations["mark"]));
    }

    [Fact]
    public void Code_that_cannot_be_used_makes_no_job()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        Click("Write my own");
        RewardCode.Problem = new("the file defines no function lambda_handler(event, context)", null, null);
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Assert.Empty(Jobs.Created);
        Assert.Contains("defines no function lambda_handler", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
    }

    private Task WriteAsync(params string[] parts) => Page.InvokeAsync(async () =>
    {
        CodeEditor editor = Page.FindComponent<CodeEditor>().Instance;
        foreach ((int index, string part) in parts.Index())
        {
            await editor.OnPart(index, parts.Length, part);
        }
    });
}
