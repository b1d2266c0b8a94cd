using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Starter;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.AccountSteps;

namespace RftConsole.Tests.Browser;

/// <summary>The pages of a console that holds something of everything, as each role meets them: what is offered is not refused.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RolesFlowTests(ChromiumFixture chromium) : IDisposable
{
    private const string ApiKey = "key-of-the-environment";
    private const string Password = "plain old words of somebody";

    /// <summary>What stands on the page itself, and not in its frame or in hints that come and go: buttons, and links that look like them.</summary>
    private const string Buttons = "#content button:not(.page-hint *):visible:enabled, #content a.mud-button-root:visible, #content a.button-link:visible";

    private static readonly string[] s_pages =
    [
        "/", "/samples", "/samples/arithmetic", "/jobs", "/jobs/{job}", "/jobs/{job}?tab=rollouts", "/jobs/{job}?tab=artefacts", "/jobs/stopped", "/jobs/compare?jobs={job}", "/models", "/models/{model}", "/deployments", "/playground",
        "/datasets", "/datasets/{set}", "/datasets/{set}?tab=versions", "/datasets/{set}?tab=tools", "/rewards", "/rewards/r", "/rewards/r?tab=dry-run", "/rewards/r?tab=probes", "/rewards/r?tab=examples", "/rewards/r?tab=versions", "/base-models", "/glossary", "/api-docs",
    ];

    private readonly TemporaryFolder _root = new();
    private readonly Dictionary<string, string> _ids = [];

    private string Data => Path.Combine(_root.Path, "data");

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task A_viewer_meets_no_button_that_would_be_refused_and_a_builder_none_of_the_administrators()
    {
        await FillAsync();
        await using ConsoleProcess console = await ConsoleProcess.StartPublicAsync(Data);
        await using ObservedPage administrator = await chromium.OpenAsync(console.Address);
        await SetUpAsync(console, administrator.Page);
        await using ObservedPage viewer = await EnterAsync(console, administrator.Page, "vera", "Viewer");
        await using ObservedPage builder = await EnterAsync(console, administrator.Page, "bob", "Builder");

        int withheld = 0;
        foreach (string address in s_pages.Select(Fill))
        {
            string[] all = await NamesAsync(administrator, address);
            string[] builders = await NamesAsync(builder, address);
            string[] viewers = await NamesAsync(viewer, address);
            Assert.Equal(all, builders);
            Assert.Subset(new HashSet<string>(all), new HashSet<string>(viewers));
            withheld += all.Length - viewers.Length;
            await ClickAllAsync(viewer, address);
        }

        // There was much to withhold; the comparison would prove little otherwise.
        Assert.InRange(withheld, 40, int.MaxValue);
        Assert.Contains("Add key", await NamesAsync(administrator, "/jobs/create?section=additional"));
        Assert.DoesNotContain("Add key", await NamesAsync(builder, "/jobs/create?section=additional"));
        foreach (string address in (string[])["/settings", "/users", "/audit-log"])
        {
            await builder.GoAsync("/");
            await Expect(builder.Page.Locator($"a[href='{address}']")).ToHaveCountAsync(0);
        }

        await administrator.GoAsync("/audit-log");
        await Expect(administrator.Page.GetByText("user.invite").First).ToBeVisibleAsync();
        await Expect(administrator.Page.GetByText("refused", new() { Exact = true })).ToHaveCountAsync(0);
        viewer.ExpectNoErrors();
    }

    private string Fill(string address) => _ids.Aggregate(address, (filled, id) => filled.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));

    private async Task<ObservedPage> EnterAsync(ConsoleProcess console, IPage administrator, string name, string role)
    {
        string invitation = await InviteAsync(administrator, name, role);
        ObservedPage entered = await chromium.OpenAsync(console.Address);
        await entered.Page.GotoAsync(invitation);
        await ChoosePasswordAsync(entered.Page, Password, "Save and sign in");
        await Expect(entered.Page.GetByRole(AriaRole.Heading, new() { Name = "Custom models" })).ToBeVisibleAsync();
        return entered;
    }

    private static async Task ShowAsync(ObservedPage observed, string address)
    {
        await observed.GoAsync(address);
        await Expect(observed.Page.Locator("#content .loading")).ToHaveCountAsync(0);
        // Selecting jobs brings their actions, opening a row its own.
        foreach (ILocator box in await observed.Page.Locator(".jobs-select input").AllAsync())
        {
            await box.CheckAsync();
            await Expect(observed.Page.Locator(".bulk-bar")).ToBeVisibleAsync();
        }

        foreach (ILocator row in await observed.Page.Locator("#content td button[aria-expanded=false]").AllAsync())
        {
            await row.ClickAsync();
        }

        await Expect(observed.Page.Locator("#content td button[aria-expanded=false]")).ToHaveCountAsync(0);
    }

    private static async Task<string[]> NamesAsync(ObservedPage observed, string address)
    {
        await ShowAsync(observed, address);
        return [.. (await observed.Page.Locator(Buttons).EvaluateAllAsync<string[]>("all => all.map(one => one.getAttribute('aria-label') ?? one.textContent.trim())")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Clicks whatever can be clicked, one after the other; none leads to something that is refused.</summary>
    private static async Task ClickAllAsync(ObservedPage observed, string address)
    {
        await ShowAsync(observed, address);
        int count = await observed.Page.Locator(Buttons).CountAsync();
        for (int i = 0; i < count; i++)
        {
            ILocator button = observed.Page.Locator(Buttons).Nth(i);
            if (await button.CountAsync() == 0 || await button.GetAttributeAsync("download") is not null)
            {
                continue;
            }

            string before = observed.Page.Url;
            // Whatever lies above it, such as a list that the click before has opened.
            await button.DispatchEventAsync("click");
            await ExpectAllowedAsync(observed.Page);
            if (await observed.Page.Locator(".mud-dialog").CountAsync() > 0 || observed.Page.Url != before)
            {
                await ShowAsync(observed, address);
            }
        }
    }

    private static async Task ExpectAllowedAsync(IPage page)
    {
        // A round trip behind the click: what it asks is answered after what the click asked.
        string[] appearances = ["Use dark appearance", "Use light appearance"];
        ILocator[] buttons = [.. appearances.Select(name => page.GetByLabel(name, new() { Exact = true }))];
        int other = await buttons[0].CountAsync();
        await buttons[1 - other].DispatchEventAsync("click");
        await Expect(buttons[other]).ToBeVisibleAsync();
        await Expect(page.GetByText("This takes the role")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Not allowed" })).ToHaveCountAsync(0);
    }

    /// <summary>A data set, a job of it with its model, and rows of what else there is.</summary>
    private async Task FillAsync()
    {
        await using (ConsoleProcess first = await ConsoleProcess.StartAsync(Data, ("RFTCONSOLE_API_KEY", ApiKey)))
        {
            await TrainAsync(first.Address);
            await first.StopAsync();
        }

        await using ConsoleDbContext context = new(new DbContextOptionsBuilder<ConsoleDbContext>().UseSqlite($"Data Source={Path.Combine(Data, "console.db")};Pooling=False").Options);
        JobRow job = await context.Jobs.SingleAsync();
        CustomModelRow model = await context.Models.SingleAsync();
        DataSetRow set = await context.DataSets.SingleAsync();
        (_ids["job"], _ids["model"], _ids["set"]) = (job.Id, model.Id, set.Id);
        context.Jobs.Add(new() { Id = "stopped", Name = "stopped-job", CustomModelName = "never", BaseModel = "starter", RewardName = "math-reasoning", SpecificationJson = job.SpecificationJson, TagsJson = "{}", Status = JobStatus.Stopped });
        context.Deployments.Add(new() { Id = "p", Name = "deployed", Description = "", ModelId = model.Id, Step = model.BestStep, TagsJson = "{}", Status = DeploymentStatus.Active, InvocationLogging = true });
        context.RewardFunctions.Add(new() { Id = "r", Name = "graded" });
        context.RewardVersions.Add(new() { Id = "v", FunctionId = "r", Number = 1, SpecificationJson = StoredJson.Write(new RewardFunctionSpecification { Template = "math-reasoning" }), ContentHash = new('0', 64), Note = "" });
        context.RewardUses.Add(new() { JobId = job.Id, VersionId = "v" });
        context.GradedExamples.Add(new() { Id = "e", FunctionId = "r", RecordJson = """{"messages":[{"role":"user","content":"2 + 2?"}]}""", Response = "4", Grade = 1 });
        await context.SaveChangesAsync();
    }

    private async Task TrainAsync(string address)
    {
        using HttpClient client = new() { BaseAddress = new(address + "/v1/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiKey);
        using MultipartFormDataContent form = new() { { new StringContent("fine-tune"), "purpose" }, { new StringContent(string.Join('\n', File.ReadLines(SampleDataSets.All[0].TrainingFile).Take(16))), "file", "own.jsonl" } };
        JsonElement file = await ReadAsync(await client.PostAsync("files", form));
        JsonObject body = new()
        {
            ["model"] = "starter",
            ["training_file"] = file.GetProperty("id").GetString(),
            ["method"] = JsonNode.Parse("""{"type":"reinforcement","reinforcement":{"grader":{"type":"lambda","lambda":{"function":"math-reasoning"}},"hyperparameters":{"batch_size":4,"maxSteps":2,"eval_interval":1}}}"""),
        };
        using StringContent content = new(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        string id = (await ReadAsync(await client.PostAsync("fine_tuning/jobs", content))).GetProperty("id").GetString()!;
        await using ObservedPage watched = await chromium.OpenAsync(address);
        await watched.GoAsync("/jobs/" + id);
        await Expect(PageParts.Status(watched.Page)).ToHaveTextAsync("Completed", new() { Timeout = 240_000 });
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, text);
            return JsonElement.Parse(text);
        }
    }
}
