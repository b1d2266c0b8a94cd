using System.Text;

using Microsoft.Playwright;

using RftConsole.Tests.Datasets.InvocationLogs;
using RftConsole.Tests.Web.Fakes;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>Own data in the browser: an upload that survives a broken connection, a table, invocation logs.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DataFlowTests(ChromiumFixture chromium, RunningConsoleFixture console) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task An_upload_goes_on_by_itself_after_its_connection_broke(int width)
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        int requests = 0;
        await page.RouteAsync("**/datasets/uploads/*?offset=*", route => Interlocked.Increment(ref requests) is 1 or 2 ? route.AbortAsync("connectionreset") : route.ContinueAsync());
        await observed.GoAsync("/datasets");

        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = $"table-{width}.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("question,answer,level\nWhat is 1 + 1?,2,easy\nWhat is 2 + 2?,4,hard\n") });
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "First rows" })).ToContainTextAsync("What is 1 + 1?");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use these columns" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Uploaded data sets" })).ToContainTextAsync($"table-{width}.jsonl");
        Assert.True(requests >= 3);
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Count tokens with" }).Or(page.Locator(".mud-select").Filter(new() { HasText = "Count tokens with" }).Locator("input").First).First.ClickAsync();
        await page.GetByText("Starter", new() { Exact = true }).Last.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { NameRegex = new($"Prompts of table-{width}.jsonl by length") })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Split data set" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Uploaded data sets" })).ToContainTextAsync($"table-{width} (validation).jsonl");
        await observed.ExpectFitsAsync();

        // Its own page: a record found, changed in a dialog, and the change taken back.
        await Link(page, $"table-{width}.jsonl").ClickAsync();
        await Textbox(page, "Search records").FillAsync("2 + 2");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Edit line 2", Exact = true })).ToBeVisibleAsync();
        await Button(page, "Edit line 2").ClickAsync();
        ILocator edit = Dialog(page, "Edit line 2");
        await observed.ExpectWithinWindowAsync(edit);
        await edit.GetByRole(AriaRole.Textbox).FillAsync("""{"messages":[{"role":"user","content":"What is 2 + 2 + 2?"}],"reference_answer":"6"}""");
        await edit.GetByRole(AriaRole.Button, new() { Name = "Save as new version" }).ClickAsync();
        await Expect(page.GetByText("Version 2 is current.")).ToBeVisibleAsync();
        foreach (string tab in (string[])["Report", "Versions", "Tokens and split"])
        {
            await Tab(page, tab).ClickAsync();
            await observed.ExpectFitsAsync();
        }

        await Button(page, "Undo").ClickAsync();
        await Expect(page.GetByText("Version 1 · 2 rows")).ToBeVisibleAsync();
        observed.ExpectNoOtherHost();
    }

    [Fact]
    public async Task A_file_that_is_chosen_before_the_page_s_script_has_come_is_uploaded_all_the_same()
    {
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        IPage page = observed.Page;
        TaskCompletionSource<IRoute> asked = new();
        await page.RouteAsync("**/DataSetUpload.razor*.js", asked.SetResult);
        await observed.GoAsync("/datasets");
        IRoute script = await asked.Task;

        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "early.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes("question,answer\nWhat is 3 + 3?,6\n") });
        await script.ContinueAsync();

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "First rows" })).ToContainTextAsync("What is 3 + 3?");
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Invocation_logs_are_looked_at_before_they_become_training_data(int width)
    {
        string log = _folder.Write($"log-{width}.jsonl", $"{InvocationLogConverterTests.Log("What is 1 + 1?", "2", "r1")}\n{InvocationLogConverterTests.Log("What is 2 + 2?", "4", "r2")}\n{{}}\n");
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width, height: 844);
        IPage page = observed.Page;
        await observed.GoAsync("/jobs/create?section=data");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Use stored invocation logs", Exact = true }).CheckAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(log);
        await page.GetByRole(AriaRole.Switch, new() { Name = "Use the logged replies as reference answers" }).CheckAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Preview", Exact = true }).ClickAsync();
        await Expect(page.Locator("pre[aria-label='Training record']").First).ToContainTextAsync("\"reference_answer\": \"2\"");
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Skipped log lines" })).ToContainTextAsync("neither schemaType nor input");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use these records" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.List, new() { Name = $"First records of log-{width}.jsonl" })).ToContainTextAsync("What is 1 + 1?");
        await observed.ExpectFitsAsync();
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }
}
