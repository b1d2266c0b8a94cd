using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components;

/// <summary>Own training data in the wizard and on its page.</summary>
public sealed class OwnDataTests : PageContext
{
    [Fact]
    public async Task An_uploaded_file_is_checked_shown_and_stays_chosen_through_the_wizard()
    {
        await ShowUploadAsync();
        UploadedDataSet set = DataSets.Add("up-1", "mine.jsonl", 119, 2);
        await Page.InvokeAsync(() => Upload().OnStarted("mine.jsonl", 2048));
        await Page.InvokeAsync(() => Upload().OnProgress(1024));
        Assert.Equal("50", Page.Find("[role=progressbar]").GetAttribute("aria-valuenow"));

        await Page.InvokeAsync(() => Upload().OnEnded(new(set.Id, null, [])));
        Assert.Contains("First prompt of mine.jsonl", Page.Markup, StringComparison.Ordinal);
        Assert.Equal(2, Page.FindAll("table[aria-label='Rejected lines'] tbody tr").Count);
        Navigation.NavigateTo("/jobs/create?section=reward");
        Navigation.NavigateTo("/jobs/create?section=data");
        Assert.Contains("First prompt of mine.jsonl", Page.Markup, StringComparison.Ordinal);
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");
        Click("Review and create");
        Assert.Contains("mine.jsonl, 119 rows", Page.Find(".form-section").TextContent, StringComparison.Ordinal);
        Click("Create reinforcement fine-tuning job");

        JobSpecification job = Assert.Single(Jobs.Created);
        Assert.Equal((set.File, null), (job.TrainingData.File, job.TrainingData.SampleData));
    }

    [Fact]
    public async Task An_upload_goes_on_while_its_user_looks_at_another_section()
    {
        await ShowUploadAsync();
        await Page.InvokeAsync(() => Upload().OnStarted("mine.jsonl", 2048));
        DataSetUpload before = Upload();

        Navigation.NavigateTo("/jobs/create?section=reward");
        Assert.Same(before, Upload());
        Assert.NotNull(Page.Find("[hidden] .upload"));
        DataSets.Add("up-1", "mine.jsonl");
        await Page.InvokeAsync(() => before.OnEnded(new("up-1", null, [])));
        Assert.Empty(Page.FindComponents<DataSetUpload>());
        Navigation.NavigateTo("/jobs/create?section=data");

        Assert.Contains("First prompt of mine.jsonl", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_file_shows_the_reason_and_its_lines()
    {
        await ShowUploadAsync();
        await Page.InvokeAsync(() => Upload().OnStarted("mine.jsonl", 2048));

        await Page.InvokeAsync(() => Upload().OnEnded(new(null, "No line of mine.jsonl is a training record; the file was not kept.", [new(3, "messages is missing", "{\"a\":1}")])));

        Assert.Contains("No line of mine.jsonl", Page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        Assert.Equal(["3", "messages is missing", "{\"a\":1}"], Page.FindAll("table[aria-label='Rejected lines'] tbody td").Select(Text));
    }

    [Fact]
    public async Task Without_a_file_the_review_is_not_reached()
    {
        await ShowUploadAsync();
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "own");

        Click("Review and create");

        Assert.Equal("Upload a file, or choose one that was uploaded before.", Text(Page.Find("[role=alert].field-error")));
    }

    [Fact]
    public void Each_data_set_links_to_a_new_job_with_it()
    {
        DataSets.Add("up-7", "seven.jsonl");

        Show<DataSetsPage>("/datasets");

        Assert.Equal("/jobs/create?dataset=up-7", Page.FindAll("a").First(link => Text(link) == "Use in a new job").GetAttribute("href"));
    }

    [Fact]
    public void The_address_of_the_wizard_chooses_a_data_set()
    {
        UploadedDataSet set = DataSets.Add("up-7", "seven.jsonl");

        Show<CreateJobPage>("/jobs/create?dataset=up-7");
        Type("Job name", "own");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Assert.Equal(set.File, Assert.Single(Jobs.Created).TrainingData.File);
    }

    [Fact]
    public void A_validation_file_takes_the_place_of_the_held_out_share()
    {
        DataSets.Add("up-1", "train.jsonl");
        UploadedDataSet validation = DataSets.Add("up-2", "check.jsonl");
        Show<CreateJobPage>("/jobs/create?dataset=up-1");
        Type("Job name", "own");
        Navigation.NavigateTo("/jobs/create?section=additional");

        Choose("Validation data", "check.jsonl · 120 rows");
        Assert.DoesNotContain("Share held out", Page.Markup, StringComparison.Ordinal);
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Assert.Equal((validation.File, null), (Jobs.Created[0].ValidationData!.File, Jobs.Created[0].ValidationData!.Share));
    }

    [Fact]
    public void Training_data_is_refused_as_its_own_validation_data()
    {
        DataSets.Add("up-1", "train.jsonl");
        Show<CreateJobPage>("/jobs/create?dataset=up-1");
        Navigation.NavigateTo("/jobs/create?section=additional");

        Choose("Validation data", "train.jsonl · 120 rows");

        Assert.Contains("This is the training data itself", Page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_a_data_set_asks_first_and_names_the_jobs_that_used_it()
    {
        DataSets.Add("up-1", "train.jsonl");
        DataSets.Users["up-1"] = ["first-job", "second-job"];
        Show<DataSetsPage>("/datasets");

        Click("Delete train.jsonl");
        Page.WaitForAssertion(() => Assert.Contains("Used by first-job, second-job.", Page.Markup, StringComparison.Ordinal));
        Click("Delete");

        Page.WaitForAssertion(() => Assert.Contains("Nothing has been uploaded yet.", Page.Markup, StringComparison.Ordinal));
    }

    private async Task ShowUploadAsync()
    {
        Show<CreateJobPage>("/jobs/create?section=data");
        await Page.FindAll("label").First(label => Text(label) == "Upload new dataset").QuerySelector("input")!.ClickAsync(new());
    }

    private DataSetUpload Upload() => Page.FindComponent<DataSetUpload>().Instance;

    private void Choose(string label, string option)
    {
        Page.FindAll(".mud-select").First(select => select.TextContent.Contains(label, StringComparison.Ordinal)).QuerySelector(".mud-input-control")!.MouseDown();
        Page.WaitForAssertion(() => Assert.NotEmpty(Page.FindAll(".mud-list-item")));
        Page.FindAll(".mud-list-item").First(item => Text(item) == option).Click();
    }
}
