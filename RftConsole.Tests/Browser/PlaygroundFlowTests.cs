using System.Text.RegularExpressions;

using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Weights;
using RftConsole.Web;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

using static Microsoft.Playwright.Assertions;
using static RftConsole.Tests.Browser.PageParts;

namespace RftConsole.Tests.Browser;

/// <summary>The playground as a person goes through it, by role and name, wide and narrow: a tuned model that was never deployed beside its base model, on the validation prompts of its job.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class PlaygroundFlowTests(ChromiumFixture chromium) : IDisposable
{
    /// <summary>Any two different answers have different rewards, nearly always: what the models have learnt does not matter here.</summary>
    private const string Reward = "import zlib\n\ndef lambda_handler(event, context):\n    return [{'id': s['id'], 'aggregate_reward_score': zlib.crc32(s['messages'][-1]['content'].encode()) % 997 / 997} for s in event]";

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task From_a_validation_prompt_to_a_comparison_and_back_to_the_prompts_that_differ(int width)
    {
        string data = Path.Combine(_root.Path, "data");
        await MakeAsync(data);
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(data);
        await using ObservedPage observed = await chromium.OpenAsync(console.Address, width: width);
        IPage page = observed.Page;
        await observed.GoAsync("/playground");

        // A validation prompt of the job, both answers and their rewards.
        await Button(page, "Next prompt").ClickAsync();
        await Expect(page.GetByText("1 of 12")).ToBeVisibleAsync();
        await Expect(Textbox(page, "Prompt")).Not.ToBeEmptyAsync();
        await Expect(page.GetByText("Reference answer:")).ToBeVisibleAsync();
        await Button(page, "Run").ClickAsync();
        foreach (string side in (string[])["Base", "Tuned"])
        {
            await Expect(Side(page, side).GetByTestId("answer")).ToHaveAttributeAsync("aria-busy", "false");
            await Expect(Side(page, side)).ToContainTextAsync("tokens/s");
            await Expect(Side(page, side).GetByText(RewardPattern())).ToBeVisibleAsync();
        }

        await Expect(page).ToHaveURLAsync(new Regex("record=1"));

        // The probabilities of a token, by the keyboard and under the pointer.
        ILocator answer = Side(page, "Base").GetByTestId("answer");
        string text = await answer.InnerTextAsync();
        await answer.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(page.Locator(".token-card")).ToContainTextAsync("log-probability");
        await Expect(page.Locator(".token-card li")).ToHaveCountAsync(5);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".token-card")).ToBeHiddenAsync();
        await answer.Locator(".token").First.HoverAsync();
        await Expect(page.Locator(".token-card")).ToBeVisibleAsync();

        // Whoever opens the address sees the same, and gets the same answer by the keyboard.
        await page.ReloadAsync();
        await Expect(page.GetByText("1 of 12")).ToBeVisibleAsync();
        await Textbox(page, "Prompt").FocusAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(Side(page, "Base").GetByText(RewardPattern())).ToBeVisibleAsync();
        await Expect(answer).ToHaveTextAsync(text, new() { UseInnerText = true });

        // The conversation goes on with both, once both have answered.
        await Expect(Button(page, "Run")).ToBeVisibleAsync();
        await Textbox(page, "Follow-up").FillAsync("And one more?");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(Button(page, "Run")).ToBeVisibleAsync();
        await Expect(Side(page, "Tuned").GetByTestId("earlier-answer")).ToHaveCountAsync(1);
        await Expect(Side(page, "Tuned")).ToContainTextAsync("And one more?");

        // Many prompts at once, and one that the two differ on.
        await page.GetByRole(AriaRole.Heading, new() { Name = "Run on validation prompts" }).ClickAsync();
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Number of prompts" }).FillAsync("8");
        await page.Keyboard.PressAsync("Tab");
        await Button(page, "Run on 8 validation prompts").ClickAsync();
        await Expect(page.GetByText("8 prompts compared.")).ToBeVisibleAsync();
        ILocator tuned = page.GetByRole(AriaRole.Table, new() { Name = "Wins, ties and losses" }).GetByRole(AriaRole.Row).Filter(new() { HasText = "Tuned" });
        int[] counts = [.. (await Task.WhenAll(new[] { "Win", "Tie", "Loss" }.Select(name => tuned.Locator($"td[data-label={name}]").InnerTextAsync()))).Select(int.Parse)];
        Assert.Equal(8, counts.Sum());
        Assert.InRange(counts[0] + counts[2], 1, 8);
        await page.GetByRole(AriaRole.Table, new() { Name = "Disagreements" }).GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(Side(page, "Base").GetByText(RewardPattern())).ToBeVisibleAsync();
        await Expect(Side(page, "Tuned").GetByTestId("earlier-answer")).ToHaveCountAsync(0);

        // The way into a program, for weights that are not deployed.
        await Button(page, "Code that calls Tuned").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "curl" })).ToContainTextAsync($"{console.Address}/v1/chat/completions");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "curl" })).ToContainTextAsync("\"model\": \"arith-tuned:ckpt-step-2\"");
        await Button(page, "Deploy for on-demand").ClickAsync();
        await Button(page, "Deploy").ClickAsync();
        await Expect(page.GetByText("The deployment arith-tuned is active.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "curl" })).ToContainTextAsync("\"model\": \"arith-tuned\"");
        await Button(page, "Close").ClickAsync();

        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        observed.ExpectNoErrors();
        observed.ExpectNoOtherHost();
    }

    /// <summary>A data folder with a job that has ended, its reward function, and a tuned model of it whose weights are noise.</summary>
    private async Task MakeAsync(string data)
    {
        using DataFolder folder = DataFolder.Open(data);
        ServiceCollection services = new();
        services.AddLogging();
        services.AddConsoleServices(folder);
        await using ServiceProvider provider = services.BuildServiceProvider();
        await using ConsoleDbContext context = await provider.GetRequiredService<IDbContextFactory<ConsoleDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await context.Database.MigrateAsync(TestContext.Current.CancellationToken);
        IEnumerable<string> lines = Enumerable.Range(2, 12).Select(i => $$"""{"messages":[{"role":"user","content":"Tom has {{i}} apples and buys {{i + 1}} more. How many apples does Tom have now?"}],"reference_answer":"{{(2 * i) + 1}}","id":"r{{i}}"}""");
        string file = _root.Write("records.jsonl", string.Join('\n', lines));
        JobSpecification job = new()
        {
            Name = "arith",
            CustomModelName = "arith-tuned",
            BaseModel = BaseModels.Starter,
            TrainingData = new() { File = file },
            ValidationData = new() { File = file },
            RewardFunction = new() { File = _root.Write("reward.py", Reward) },
            Hyperparameters = new() { InferenceMaxTokens = 24 },
        };
        context.Jobs.Add(new() { Id = "j", Name = job.Name, CustomModelName = job.CustomModelName, BaseModel = job.BaseModel, RewardName = "reward.py", Status = JobStatus.Completed, ModelId = "j", SpecificationJson = StoredJson.Write(job), TagsJson = "{}" });
        context.Models.Add(new() { Id = "j", Name = job.CustomModelName, BaseModel = job.BaseModel, JobId = "j", JobName = job.Name, BestStep = 2, CheckpointsJson = StoredJson.Write(new KeptCheckpoint[] { new(2, true, 0.5) }), TagsJson = "{}" });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        LoadedModel model = await TestEngine.Models.LoadAsync(BaseModels.Starter);
        await TestEngine.RunAsync(() =>
        {
            using LoraAdapter adapter = Samples.Adapter(model.Decoder.Config, 5, size: 0.3);
            PeftAdapter.Save(adapter, provider.GetRequiredService<ModelArchive>().CheckpointFolder("j", 2), BaseModels.Starter);
        });
    }

    [GeneratedRegex("^Reward [0-9.]+$")]
    private static partial Regex RewardPattern();

    private static ILocator Side(IPage page, string name) => page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });
}
