using Bunit;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>Buckets in the wizard and in the settings.</summary>
public sealed class S3Tests : PageContext
{
    [Fact]
    public void A_bucket_is_looked_through_and_its_records_become_the_jobs_data()
    {
        ShowPicker();
        Click("Browse S3");
        Click("data/");
        Click("train/");
        Assert.Equal("s3://data/train/", Field("S3 address").GetAttribute("value"));
        Click(".. (up)");
        Click("train/");
        Click("a.jsonl");
        Assert.Equal("s3://data/train/a.jsonl", Field("S3 address").GetAttribute("value"));
        Click("Use this address");

        Assert.Contains("First prompt of a.jsonl", Page.Markup, StringComparison.Ordinal);
        Navigation.NavigateTo("/jobs/create?section=output");
        Type("S3 prefix", "results");
        Assert.Contains("is no address such as s3://", ErrorOf("S3 prefix"), StringComparison.Ordinal);
        Type("S3 prefix", "s3://results/a/");
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "bucket");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Assert.EndsWith("a.jsonl", Assert.Single(Jobs.Created).TrainingData.File, StringComparison.Ordinal);
        Assert.Equal("s3://results/a/", Jobs.Created[0].OutputData!.S3Uri);
    }

    [Fact]
    public void An_import_that_was_cut_off_is_resumed_or_discarded()
    {
        S3.CutOff.Add(new("1", "s3://data/big.jsonl", 3 << 20, 9 << 20));
        S3.CutOff.Add(new("2", "s3://data/other.jsonl", 1 << 20, 9 << 20));
        ShowPicker();
        Assert.Contains("was cut off at 3 MB of 9 MB", Page.Markup, StringComparison.Ordinal);

        Click("Discard import of s3://data/other.jsonl");
        Click("Resume import of s3://data/big.jsonl");

        Assert.Contains("First prompt of big.jsonl", Page.Markup, StringComparison.Ordinal);
        Assert.Empty(S3.CutOff);
        Assert.Null(FindButton("Resume import of s3://data/big.jsonl"));
    }

    [Fact]
    public void What_is_wrong_with_the_connection_is_said_beside_it()
    {
        S3.Failure = "the list of buckets: the access key id is not known at AWS";
        ShowPicker();

        Click("Browse S3");
        Assert.Contains("the access key id is not known", Text(Page.Find(".mud-alert")), StringComparison.Ordinal);
        Type("S3 address", "bucket/key");
        Click("Use this address");
        Assert.Contains("is no address such as s3://", Text(Page.Find(".mud-alert")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_is_entered_once_and_its_secret_is_not_shown_again()
    {
        IRenderedComponent<S3SettingsPanel> panel = Render<S3SettingsPanel>();
        Set("Endpoint", "http://127.0.0.1:9000");
        Set("Access key id", "me");
        Set("Secret access key", "secret");
        panel.FindAll("button").First(button => Text(button) == "Save connection").Click();

        Assert.Equal(("http://127.0.0.1:9000", "me", "secret"), (S3.Connection!.Endpoint, S3.Connection.AccessKeyId, S3.Connection.SecretAccessKey));
        Assert.DoesNotContain("value=\"secret\"", panel.Markup, StringComparison.Ordinal);
        panel.FindAll("button").First(button => Text(button) == "Remove connection").Click();
        Assert.Null(S3.Connection);

        void Set(string label, string value) => panel.Find("#" + panel.FindAll("label").First(element => Text(element) == label).GetAttribute("for")).Input(value);
    }

    private void ShowPicker()
    {
        Show<CreateJobPage>("/jobs/create?section=data");
        Page.FindAll("label").First(label => Text(label) == "Choose from S3").QuerySelector("input")!.Click();
    }
}
