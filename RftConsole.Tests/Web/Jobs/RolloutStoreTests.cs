using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Tests.Web.Jobs;

/// <summary>The answers of a job, over the real database.</summary>
public sealed class RolloutStoreTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_filter_leaves_only_what_it_asks_for()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await LargeJob.AddAsync(Contexts(console), "large", 40, 400, Cancellation);
        IRollouts rollouts = console.Services.GetRequiredService<IRollouts>();

        Rollout[] all = [.. (await rollouts.PageAsync(new("large", Take: 1000), Cancellation)).Rows];
        Assert.Equal(400, all.Length);
        Assert.Equal(all.OrderByDescending(one => one.Step).ThenBy(one => one.PromptIndex).ThenBy(one => one.SampleIndex), all);
        await ExpectAsync(new("large", Step: 7), one => one.Step == 7);
        await ExpectAsync(new("large") { LeastReward = 0.5 }, one => one.Reward >= 0.5);
        await ExpectAsync(new("large") { MostReward = 0.5 }, one => one.Reward <= 0.5);
        await ExpectAsync(new("large") { LeastTokens = 30, MostTokens = 35 }, one => one.TokenCount is >= 30 and <= 35);
        await ExpectAsync(new("large") { Fault = RolloutFault.CutOff }, one => one.FinishReason == "length");
        await ExpectAsync(new("large") { Fault = RolloutFault.RewardError }, one => one.RewardError is not null);
        await ExpectAsync(new("large", Search: "arithmetic-12"), one => one.RecordId.Contains("arithmetic-12", StringComparison.Ordinal));

        async Task ExpectAsync(RolloutQuery query, Func<Rollout, bool> matches)
        {
            RolloutPage page = await rollouts.PageAsync(query with { Take = 1000 }, Cancellation);
            Assert.Equal(all.Where(matches).Select(Key), page.Rows.Select(Key));
            Assert.Equal(page.Rows.Count, page.Total);
        }

        static (int, int, int) Key(Rollout one) => (one.Step, one.PromptIndex, one.SampleIndex);
    }

    [Fact]
    public async Task The_list_is_read_in_its_order_through_an_index()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        await using ConsoleDbContext context = await Contexts(console).CreateDbContextAsync(Cancellation);

        IQueryable<RolloutRow> page = context.Rollouts.Where(row => row.JobId == "x").OrderByDescending(row => row.Step).ThenBy(row => row.PromptIndex).ThenBy(row => row.SampleIndex).Skip(90_000).Take(50);
        string plan = await PlanAsync(context, page.ToQueryString());

        Assert.Contains("USING INDEX", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
        Assert.Contains("IX_Rollouts_JobId_RecordId", await PlanAsync(context, context.Rollouts.Where(row => row.JobId == "x" && row.RecordId == "r").ToQueryString()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_come_back_as_they_were_sampled_and_the_base_model_scores_them()
    {
        await using ConsoleHarness console = await ConsoleHarness.StartAsync(_root, new());
        string id = await console.Jobs.CreateAsync(ConsoleHarness.Specification(_root, "tokens"), Cancellation);
        await console.WaitForAsync(id, JobStatus.Completed);
        LoadedModel model = await console.Services.GetRequiredService<ModelHost>().LoadAsync((await console.JobAsync(id)).Summary.BaseModel);
        int[] prompt = model.Tokenizer.Encode("What is 1 + 1?"), completion = model.Tokenizer.Encode(" It is 2.");
        await using (ConsoleDbContext context = await Contexts(console).CreateDbContextAsync(Cancellation))
        {
            foreach (int sample in new[] { 0, 1 })
            {
                Rollout rollout = new(99, 0, sample, "r", "?", "!", completion.Length, "stop", 1, 0, null, [], null, "") { Tokens = new(prompt, completion, [.. completion.Select((_, index) => -0.5f * (index + 1))]) };
                context.RolloutTokens.Add(JobMapping.ToTokensRow(id, rollout, new RowTexts("/no/such/folder"))!);
            }

            await context.SaveChangesAsync(Cancellation);
        }

        IRollouts rollouts = console.Services.GetRequiredService<IRollouts>();
        IReadOnlyList<IReadOnlyList<RolloutToken>> tokens = await rollouts.TokensAsync(id, 99, 0, withBase: true, Cancellation);

        Assert.Equal(2, tokens.Count);
        Assert.Equal(" It is 2.", string.Concat(tokens[1].Select(token => token.Text)));
        Assert.Equal([.. completion.Select((_, index) => -0.5 * (index + 1))], tokens[1].Select(token => token.LogProbability));
        float[] scores = await console.Services.GetRequiredService<ModelHost>().Compute.RunAsync(
            Training.Compute.WorkPriority.Interactive, () => Training.Generation.SequenceScorer.LogProbabilities(model.Decoder, null, [.. prompt, .. completion]), Cancellation);
        Assert.Equal(scores[(prompt.Length - 1)..].Select(score => (double?)score), tokens[1].Select(token => token.Base));
        Assert.Empty(await rollouts.TokensAsync(id, 1, 0, withBase: false, Cancellation));
    }

    private static IDbContextFactory<ConsoleDbContext> Contexts(ConsoleHarness console) => console.Services.GetRequiredService<IDbContextFactory<ConsoleDbContext>>();

    private static async Task<string> PlanAsync(ConsoleDbContext context, string sql)
    {
        using System.Data.Common.DbCommand command = context.Database.GetDbConnection().CreateCommand();
        await context.Database.OpenConnectionAsync(Cancellation);
        // The parameters' values do not matter to the plan.
        command.CommandText = "EXPLAIN QUERY PLAN " + System.Text.RegularExpressions.Regex.Replace(string.Join('\n', sql.Split('\n').Where(line => !line.StartsWith(".param", StringComparison.Ordinal))), "@\\w+", "1");
        using System.Data.Common.DbDataReader reader = await command.ExecuteReaderAsync(Cancellation);
        List<string> steps = [];
        while (await reader.ReadAsync(Cancellation))
        {
            steps.Add(reader.GetString(3));
        }

        return string.Join('\n', steps);
    }
}
