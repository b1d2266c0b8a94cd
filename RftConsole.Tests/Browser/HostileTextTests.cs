using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Browser;

/// <summary>A database whose every free text is an attack, shown in a real browser: it is text on every page, and nothing of it runs.</summary>
[Collection(BrowserCollection.Name)]
public sealed class HostileTextTests(ChromiumFixture chromium) : IDisposable
{
    private const string Attack = "\"'><img data-evil src=x onerror=\"window.__hit=1\"><script data-evil>window.__hit=1</script><a data-evil href=\"javascript:window.__hit=1\">{{7*7}}</a>";

    private static readonly string[] s_pages =
    [
        "/", "/jobs", "/jobs/j", "/jobs/j?tab=rollouts", "/jobs/j?tab=configuration", "/jobs/j?tab=log", "/models", "/models/m", "/deployments", "/playground", "/datasets", "/datasets/d", "/rewards", "/rewards/r", "/base-models", "/settings",
        "/audit-log", "/users", "/jobs/create", "/jobs/create?clone=j",
    ];

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Text_of_models_people_and_programs_is_shown_as_text()
    {
        string data = Path.Combine(_root.Path, "data");
        await using (ConsoleProcess first = await ConsoleProcess.StartAsync(data))
        {
            // Makes the database.
            await first.StopAsync();
        }

        await SeedAsync(Path.Combine(data, "console.db"));
        await using ConsoleProcess console = await ConsoleProcess.StartAsync(data);
        await using ObservedPage observed = await chromium.OpenAsync(console.Address);
        int shown = 0;
        foreach (string address in s_pages)
        {
            await observed.GoAsync(address);
            Assert.Equal(0, await observed.Page.Locator("[data-evil]").CountAsync());
            Assert.False(await observed.Page.EvaluateAsync<bool>("() => 'hit' in window || '__hit' in window"), address);
            Assert.Equal(0, await observed.Page.Locator("a[href^='javascript:' i], iframe, object, embed").CountAsync());
            shown += await observed.Page.GetByText("<img data-evil").CountAsync();
        }

        // The attack did reach pages; it would prove nothing otherwise.
        Assert.InRange(shown, 8, int.MaxValue);
        observed.ExpectNoOtherHost();
    }

    private static async Task SeedAsync(string file)
    {
        await using ConsoleDbContext context = new(new DbContextOptionsBuilder<ConsoleDbContext>().UseSqlite($"Data Source={file};Pooling=False").Options);
        JobSpecification specification = new()
        {
            Name = Attack,
            Description = Attack,
            BaseModel = "starter",
            TrainingData = new() { SampleData = "arithmetic" },
            RewardFunction = new() { Template = "math-reasoning" },
            Tags = new Dictionary<string, string> { [Attack] = Attack },
        };
        string tags = StoredJson.Write(specification.Tags);
        context.Jobs.Add(Hostile(context, new JobRow { Id = "j", Name = "", CustomModelName = "", BaseModel = "", RewardName = "", SpecificationJson = StoredJson.Write(specification), TagsJson = tags, Status = JobStatus.Failed, ModelId = "m" }));
        context.LogLines.Add(Hostile(context, new JobLogRow { JobId = "j", Level = "Error", Message = "" }));
        context.Metrics.Add(new() { JobId = "j", Step = 1, ValuesJson = $$"""{"reward":0.5,"rewards/{{System.Text.Json.JsonEncodedText.Encode(Attack)}}/mean":1}""" });
        context.Rollouts.Add(Hostile(context, new RolloutRow { JobId = "j", Step = 1, RecordId = "", Prompt = "", Completion = "", FinishReason = "", MetricsJson = "{}", RewardOutput = "", RewardError = "", ReferenceAnswer = "" }));
        context.Models.Add(Hostile(context, new CustomModelRow { Id = "m", Name = "", BaseModel = "", JobId = "j", JobName = "", CheckpointsJson = "[]", TagsJson = tags }));
        context.Deployments.Add(Hostile(context, new DeploymentRow { Id = "p", Name = "", Description = "", ModelId = "m", Message = "", TagsJson = tags }));
        context.RewardFunctions.Add(Hostile(context, new RewardFunctionRow { Id = "r", Name = "" }));
        context.RewardVersions.Add(Hostile(context, new RewardVersionRow { Id = "v", FunctionId = "r", Number = 1, SpecificationJson = StoredJson.Write(specification.RewardFunction), ContentHash = "x", Note = "" }));
        context.JudgeEndpoints.Add(Hostile(context, new JudgeEndpointRow { Id = "e", Name = "", BaseUrl = "http://127.0.0.1:9/v1", Model = "" }));
        await context.SaveChangesAsync();
    }

    /// <summary>Puts the attack into every text of a row that is no id, no JSON and not given.</summary>
    private static T Hostile<T>(ConsoleDbContext context, T row)
        where T : class
    {
        foreach (IProperty property in context.Model.FindEntityType(typeof(T))!.GetProperties().Where(property => property.ClrType == typeof(string)))
        {
            if (property.PropertyInfo!.GetValue(row) is "")
            {
                property.PropertyInfo.SetValue(row, Attack);
            }
        }

        return row;
    }
}
