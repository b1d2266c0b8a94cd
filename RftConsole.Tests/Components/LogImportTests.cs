using Bunit;

using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components;

/// <summary>Invocation logs and tables in the wizard.</summary>
public sealed class LogImportTests : PageContext
{
    [Fact]
    public void Logs_of_a_folder_are_previewed_beside_their_source_and_become_the_jobs_data()
    {
        Show<CreateJobPage>("/jobs/create?section=data");
        Choose("Use stored invocation logs");
        Type("Log folder, file or S3 address", "/logs");
        Click("Preview");

        Assert.Equal("/logs", Assert.Single(Logs.Asked).Source.Path);
        Assert.Null(Logs.Asked[0].Options.Filter);
        Assert.Contains("\"requestId\": \"r1\"", Page.Find("pre[aria-label='Log record']").TextContent, StringComparison.Ordinal);
        Assert.Equal(["a.json", "3", "the call failed: errorCode ThrottlingException"], Page.FindAll("table[aria-label='Skipped log lines'] tbody td").Select(Text));

        Click("Use these records");
        Assert.Contains("First prompt of logs.jsonl", Page.Markup, StringComparison.Ordinal);
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "logged");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        JobSpecification job = Assert.Single(Jobs.Created);
        Assert.EndsWith("logs.jsonl", job.TrainingData.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_are_all_wanted_or_one_of_them()
    {
        Show<CreateJobPage>("/jobs/create?section=data");
        Choose("Use stored invocation logs");
        Type("Log folder, file or S3 address", "/logs");
        Click("Add filter");
        Type("Key", "app");
        Type("Value", "demo");
        Click("Preview");
        Assert.Equal("demo", Logs.Asked[0].Options.Filter!.EqualTo!["app"]);

        Click("Add filter");
        Page.FindAll("label").Last(label => Text(label) == "Key").ParentElement!.QuerySelector("input")!.Input("stage");
        Choose("At least one of them");
        Click("Preview");
        Assert.Equal(["app", "stage"], Logs.Asked[1].Options.Filter!.OrAll!.Select(filter => filter.EqualTo!.Keys.Single()));
    }

    [Fact]
    public void The_consoles_own_logs_are_chosen_by_deployment_and_days()
    {
        Logs.Own.Add(new("d1", "shop", true, [new(2026, 3, 1), new(2026, 3, 9)], 4096));
        Logs.Own.Add(new("d2", "desk", false, [new(2026, 3, 2)], 2048));
        Logs.Own.Add(new("d3", "idle", true, [], 0));
        Show<CreateJobPage>("/jobs/create?section=data");
        Choose("Use stored invocation logs");

        Assert.Equal(
            ["shop", "2 from 2026-03-01 to 2026-03-09", "4 KB", "desk (logging is off now)", "2026-03-02", "2 KB", "idle", "No call yet", "–"],
            Page.FindAll("table[aria-label=\"This console's invocation logs\"] tbody td").Select(Text).Where(text => text.Length > 0));
        Assert.True(FindButton("Preview")!.HasAttribute("disabled"));
        Assert.True(Calls("idle").HasAttribute("disabled"));
        Calls("shop").Change(true);
        Calls("desk").Change(true);
        Field("From").Change("2026-03-02");
        Field("To").Change("2026-03-05");
        Click("Preview");

        (LogSource source, InvocationLogOptions options) = Assert.Single(Logs.Asked);
        Assert.Equal((null, "d1, d2"), (source.Path, string.Join(", ", source.DeploymentIds)));
        Assert.Equal((new DateOnly(2026, 3, 2), new DateOnly(2026, 3, 5)), (options.From, options.To));
        Calls("desk").Change(false);
        Assert.Null(FindButton("Use these records"));
    }

    [Fact]
    public void Without_own_logs_it_is_said_how_to_get_some()
    {
        Show<DataSetsPage>("/datasets");
        Choose("Convert invocation logs");

        Choose("This console's invocation logs");

        Assert.Contains("Turn on Invocation logging", Text(Page.Find(".own-logs-empty")), StringComparison.Ordinal);
        Assert.True(FindButton("Preview")!.HasAttribute("disabled"));
    }

    [Fact]
    public void A_deployment_links_to_its_calls()
    {
        Logs.Own.Add(new("d1", "shop", true, [new(2026, 3, 1)], 4096));
        Logs.Own.Add(new("d2", "desk", true, [new(2026, 3, 2)], 2048));

        Show<DataSetsPage>("/datasets?logs=d2");
        Click("Preview");

        Assert.Equal(["d2"], Assert.Single(Logs.Asked).Source.DeploymentIds);
    }

    [Fact]
    public void Without_logs_the_review_says_what_is_missing()
    {
        Show<CreateJobPage>("/jobs/create?section=data");
        Choose("Use stored invocation logs");
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "logged");

        Click("Review and create");

        Assert.Equal("Choose logs, look at the preview, and use its records.", Text(Page.Find("[role=alert].field-error")));
    }

    [Fact]
    public async Task A_table_asks_what_its_columns_become()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "question,answer,level,source\n1 + 1?,2,easy,web\n", Xunit.TestContext.Current.CancellationToken);
        Uploads.Files["t1"] = new("t1", "table.csv", file, 10, new string('a', 64));
        Show<DataSetsPage>("/datasets");
        DataSetUpload upload = Page.FindComponent<DataSetUpload>().Instance;
        await Page.InvokeAsync(() => upload.OnStarted("table.csv", 10));
        await Page.InvokeAsync(() => upload.OnInterrupted());
        Assert.Contains("trying again", Text(Page.Find("[role=status]")), StringComparison.Ordinal);
        await Page.InvokeAsync(() => upload.OnEnded(new(null, null, []) { Staged = "t1" }));

        Page.WaitForAssertion(() => Assert.Equal(["1 + 1?", "2", "easy", "web"], Page.FindAll("table[aria-label='First rows'] tbody td").Select(Text)));
        Assert.Equal(["level", "source"], Page.FindAll(".further-columns label").Select(Text));
        Page.FindAll(".further-columns label").Single(label => Text(label) == "source").QuerySelector("input")!.Change(false);
        Click("Use these columns");

        Page.WaitForAssertion(() => Assert.Equal("""{"messages":[{"role":"user","content":"1 + 1?"}],"reference_answer":"2","level":"easy"}""" + "\n", Assert.Single(DataSets.Imported)));
        Assert.Equal(["t1"], Uploads.Deleted);
        File.Delete(file);
    }

    [Fact]
    public void The_largest_upload_is_a_setting()
    {
        Render<UploadLimitPanel>().Find("button").Click();

        Assert.Equal(1L << 30, Uploads.Limit);
    }

    private AngleSharp.Dom.IElement Calls(string deployment) => Page.Find($"input[aria-label='Calls of {deployment}']");

    private void Choose(string radio) => Page.FindAll("label").First(label => Text(label) == radio).QuerySelector("input")!.Click();
}
