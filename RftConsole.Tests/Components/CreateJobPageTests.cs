using Bunit;

using RftConsole.Training.Jobs;
using RftConsole.Web.Components.Pages;

namespace RftConsole.Tests.Components;

/// <summary>The wizard.</summary>
public sealed class CreateJobPageTests : PageContext
{
    [Fact]
    public void A_name_is_all_that_a_first_job_needs()
    {
        Show<CreateJobPage>("/jobs/create");

        Type("Job name", "my-first");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        JobSpecification job = Assert.Single(Jobs.Created);
        Assert.Equal(("my-first", "my-first-tuned", "starter"), (job.Name, job.CustomModelName, job.BaseModel));
        Assert.Equal(("arithmetic", "math-reasoning"), (job.TrainingData.SampleData, job.RewardFunction.Template));
        Assert.Equal(0.1, job.ValidationData!.Share!.Value, 12);
        Hyperparameters defaults = new();
        Assert.Equal(defaults, job.Hyperparameters with { LoraTargets = defaults.LoraTargets });
        Assert.Equal(defaults.LoraTargets, job.Hyperparameters.LoraTargets);
        Assert.Equal("/jobs/new-job", Address);
    }

    [Fact]
    public void The_first_step_asks_for_everything_that_has_no_default()
    {
        Show<CreateJobPage>("/jobs/create");

        Assert.Equal(["Create reinforcement fine-tuning job", "Model details", "Customization details"], Headings("h1,h2"));
        Assert.NotNull(FindButton("Next"));
        Assert.Null(FindButton("Previous"));
    }

    [Fact]
    public void Next_walks_through_the_sections_in_the_originals_order()
    {
        Show<CreateJobPage>("/jobs/create");
        List<string> seen = [];
        for (int step = 0; step < 6; step++)
        {
            string before = Text(Page.Find("h2"));
            Click("Next");
            Page.WaitForAssertion(() => Assert.NotEqual(before, Text(Page.Find("h2"))));
            seen.Add(Text(Page.Find("h2")).Split(' ', 2)[0]);
        }

        Assert.Equal(["Training", "Reward", "Hyperparameters", "Output", "Additional", "Review"], seen);
    }

    [Fact]
    public void Without_a_name_the_review_is_not_reached_and_the_field_says_why()
    {
        Show<CreateJobPage>("/jobs/create");
        Assert.Null(ErrorOf("Job name"));

        Click("Review and create");

        Assert.Equal("Give a name.", ErrorOf("Job name"));
        Assert.Null(FindButton("Create reinforcement fine-tuning job"));
    }

    [Fact]
    public void The_proposed_name_of_the_model_is_no_text_of_its_field()
    {
        Show<CreateJobPage>("/jobs/create");

        Type("Job name", "my-first");

        Page.WaitForAssertion(() => Assert.Equal("my-first-tuned", Field("Custom model name").GetAttribute("placeholder")));
        Assert.Equal("", Field("Custom model name").GetAttribute("value") ?? "");
    }

    [Fact]
    public void A_name_that_the_console_would_refuse_is_refused_while_it_is_typed()
    {
        Show<CreateJobPage>("/jobs/create");

        Type("Custom model name", "no spaces");

        Assert.Contains("\" \" is not allowed", ErrorOf("Custom model name"));
    }

    [Theory]
    [InlineData("Epochs", "51", "Enter a value from 1 to 50.")]
    [InlineData("Epochs", "1.5", "Enter a whole number.")]
    [InlineData("Batch size", "513", "Enter a value from 1 to 512.")]
    [InlineData("Learning rate", "0.02", "Enter a value from 1e-7 to 0.01.")]
    [InlineData("Training samples per prompt", "1", "Enter a value from 2 to 64.")]
    [InlineData("Evaluation interval", "101", "Enter a value from 1 to 100.")]
    public void A_hyperparameter_outside_its_range_says_so_beside_the_field(string label, string value, string message)
    {
        Show<CreateJobPage>("/jobs/create?section=hyperparameters");

        Type(label, value);

        Assert.Equal(message, ErrorOf(label));
    }

    [Fact]
    public void An_empty_field_shows_what_this_machine_would_take()
    {
        Show<CreateJobPage>("/jobs/create?section=hyperparameters");

        Assert.Equal("16 (fitted)", Field("Batch size").GetAttribute("placeholder"));
        Assert.Equal("1", Field("Epochs").GetAttribute("value"));
    }

    [Fact]
    public void A_hyperparameter_reaches_the_job()
    {
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "tuned-by-hand");
        Page.FindAll(".wizard-step").First(step => Text(step) == "Hyperparameters");
        Navigation.NavigateTo("/jobs/create?section=hyperparameters");

        Type("Learning rate", "0.003");
        Type("Seed", "7");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");

        Hyperparameters given = Assert.Single(Jobs.Created).Hyperparameters;
        Assert.Equal((0.003, 7L), (given.LearningRate, given.Seed));
    }

    [Fact]
    public void The_review_shows_the_choices_and_what_they_cost()
    {
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "my-first");
        Click("Review and create");

        string review = Page.Find(".form-section").TextContent;
        Assert.All(["my-first-tuned", "Arithmetic word problems", "3 min 12 s", "640 MB", "16 (fitted)", "10 % of the training rows"], text => Assert.Contains(text, review));
    }

    [Fact]
    public void What_the_service_refuses_stands_beside_the_field_and_nothing_is_lost()
    {
        Jobs.RefuseCreation = "Job name: there is a job \"twice\" already; choose another name.";
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "twice");
        Type("Description", "kept");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Assert.Contains("There is a job \"twice\" already", Page.Find(".mud-alert").TextContent);

        Navigation.NavigateTo("/jobs/create?section=details");

        Assert.Equal("There is a job \"twice\" already; choose another name.", ErrorOf("Job name"));
        Assert.Equal(("twice", "kept"), (Field("Job name").GetAttribute("value"), Field("Description").GetAttribute("value")));
    }

    [Fact]
    public void A_refusal_that_names_no_field_stands_at_the_review()
    {
        Jobs.RefuseEstimate = "This machine has too little memory for the job.";
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "my-first");
        Click("Review and create");

        Assert.Contains("too little memory", Page.Find(".review-failure").TextContent);
    }
}
