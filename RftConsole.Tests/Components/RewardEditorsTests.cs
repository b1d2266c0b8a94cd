using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>Judges and weighted combinations, in the library and in the wizard.</summary>
public sealed class RewardEditorsTests : PageContext
{
    private static readonly RewardFunctionSpecification s_judge = new() { Type = RewardFunctionSpecification.ModelAsJudge, Instructions = "Is {completion} good?" };

    [Fact]
    public void A_judge_of_the_library_is_edited_and_saved_as_a_new_version()
    {
        ShowSaved(s_judge);
        Field("Judge instructions").Change("Is {completion} right?");
        Click("Add criterion");
        Field("Weight of criterion 1").Change("2.5");
        Click("Save as version 2");

        RewardFunctionSpecification saved = Latest();
        Assert.Equal("Is {completion} right?", saved.Instructions);
        RubricCriterion criterion = Assert.Single(saved.Rubric!.Criteria);
        Assert.Equal(("correct", 2.5), (criterion.Name, criterion.Weight));
    }

    [Fact]
    public void What_the_judge_is_asked_is_shown_with_its_placeholders_filled()
    {
        ShowSaved(s_judge);

        string asked = Page.Find("[aria-label='Call 1']").TextContent;

        Assert.Contains("Is 3 × 8 = 24 legs. good?", asked, StringComparison.Ordinal);
        Assert.Contains("yes or no", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_is_chosen_by_name_and_its_key_is_named_and_not_there()
    {
        await JudgeEndpoints.AddAsync("remote", "https://judge.example/v1", "judge-model", "sk-secret");
        ShowSaved(s_judge);

        Choose("Judge model", "remote · judge-model");
        Click("Save as version 2");

        Assert.Equal(new JudgeModel(null, "https://judge.example/v1", "judge-model", "RFTCONSOLE_JUDGE_KEY_E1"), Latest().JudgeModel);
    }

    [Fact]
    public void A_fault_is_said_where_the_editor_shows_it_and_nothing_is_saved()
    {
        ShowSaved(s_judge);
        Click("Add criterion");
        Field("Name of criterion 1").Change("no spaces");

        Assert.Contains("Criterion 1: name 'no spaces' must be 1 to 64 letters", Page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Click("Save as version 2");

        Assert.Single(RewardLibrary["reward-1"].Versions);
    }

    [Fact]
    public void A_combination_is_made_of_templates_and_functions_of_the_library()
    {
        RewardLibrary.Add("own", s_judge);
        RewardLibrary.Add("both", new RewardFunctionSpecification { Type = RewardFunctionSpecification.Weighted, Parts = [new() { Weight = 1, RewardFunction = new() { Template = "math-reasoning" } }] });
        Show<RewardPage>("/rewards/reward-2", ("Id", "reward-2"));
        Field("Weight of part 1").Change("0.8");

        Click("Add part");
        Field("Weight of part 2").Change("-0.2");
        Click("Save as version 2");

        IReadOnlyList<WeightedPart> parts = RewardLibrary["reward-2"].Latest.Specification.Parts!;
        Assert.Equal([0.8, -0.2], parts.Select(part => part.Weight));
        Assert.Equal([new() { Template = "math-reasoning" }, s_judge], parts.Select(part => part.RewardFunction));
    }

    [Fact]
    public void The_wizard_makes_a_job_with_a_remote_function()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        ChooseRadio("Remote function (AWS Lambda)");
        Field("Function name or ARN").Change(" my-reward ");
        Field("Endpoint").Change("http://127.0.0.1:9001");
        Field("Variable of the secret access key").Change("MY_SECRET");
        CreateNamed("remote");

        RewardFunctionSpecification reward = Assert.Single(Jobs.Created).RewardFunction;
        Assert.Equal((RewardFunctionSpecification.Lambda, "my-reward", "http://127.0.0.1:9001"), (reward.Type, reward.FunctionName, reward.Endpoint));
        Assert.Equal(("AWS_ACCESS_KEY_ID", "MY_SECRET"), (reward.Credentials!.AccessKeyIdEnv, reward.Credentials.SecretAccessKeyEnv));
    }

    [Fact]
    public void The_wizard_makes_a_job_with_a_judge()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        ChooseRadio("Model as judge (RLAIF)");
        Field("Judge instructions").Change("Is {completion} right?");
        CreateNamed("judged");

        RewardFunctionSpecification reward = Assert.Single(Jobs.Created).RewardFunction;
        Assert.Equal((RewardFunctionSpecification.ModelAsJudge, "Is {completion} right?"), (reward.Type, reward.Instructions));
    }

    [Fact]
    public void The_wizard_makes_a_job_with_a_weighted_combination_and_asks_for_a_part_where_there_is_none()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        ChooseRadio("Weighted combination");
        Assert.Empty(Page.FindAll("[role=alert]"));
        Click("Review and create");
        Page.WaitForAssertion(() => Assert.NotEmpty(Page.FindAll(".wizard-step.faulty")));
        Navigation.NavigateTo("/jobs/create?section=reward");
        Page.WaitForAssertion(() => Assert.Contains("Parts is empty", Page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Click("Add part");
        CreateNamed("weighted");

        Assert.Equal("math-reasoning", Assert.Single(Assert.Single(Jobs.Created).RewardFunction.Parts!).RewardFunction.Template);
    }

    [Fact]
    public void What_was_written_stays_while_another_type_is_looked_at()
    {
        Show<CreateJobPage>("/jobs/create?section=reward");
        ChooseRadio("Model as judge (RLAIF)");
        Field("Judge instructions").Change("Mine: {completion}");
        ChooseRadio("Custom code (RLVR)");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Write my own")));

        ChooseRadio("Model as judge (RLAIF)");

        Page.WaitForAssertion(() => Assert.Equal("Mine: {completion}", Field("Judge instructions").GetAttribute("value") ?? Field("Judge instructions").TextContent));
    }

    [Theory]
    [InlineData(RewardFunctionSpecification.ModelAsJudge)]
    [InlineData(RewardFunctionSpecification.Lambda)]
    [InlineData(RewardFunctionSpecification.Weighted)]
    public void The_dialog_begins_with_a_function_of_the_type(string type)
    {
        Show<RewardsPage>("/rewards");
        Click("Create reward function");
        Type("Name", "mine");
        Choose("Start from", $"Blank: {RewardTypes.Title(type)}");

        Click("Create");

        Page.WaitForAssertion(() => Assert.Equal(type, RewardLibrary["reward-1"].Latest.Specification.Type));
    }

    [Fact]
    public void The_blank_judge_can_be_used_as_it_is() => Assert.Null(RewardDraft.Start(RewardFunctionSpecification.ModelAsJudge).Problem);

    private void ShowSaved(RewardFunctionSpecification saved)
    {
        RewardLibrary.Add("mine", saved);
        Show<RewardPage>("/rewards/reward-1", ("Id", "reward-1"));
    }

    private RewardFunctionSpecification Latest() => RewardLibrary["reward-1"].Versions is [{ Number: 2 } latest, ..] ? latest.Specification : throw new InvalidOperationException("Nothing was saved.");

    private void ChooseRadio(string label) => Page.FindAll("input[type=radio]").Single(radio => radio.ParentElement!.ParentElement!.TextContent.Trim() == label).Click();

    private void Choose(string label, string item)
    {
        Page.FindAll(".mud-select").First(select => select.TextContent.Contains(label, StringComparison.Ordinal)).QuerySelector(".mud-input-control")!.MouseDown();
        Page.WaitForAssertion(() => Assert.Contains(Page.FindAll(".mud-list-item"), found => Text(found) == item));
        Page.FindAll(".mud-list-item").First(found => Text(found) == item).Click();
    }

    private void CreateNamed(string name)
    {
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", name);
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Single(Jobs.Created));
    }
}
