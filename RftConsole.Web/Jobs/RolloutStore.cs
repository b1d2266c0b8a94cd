using Microsoft.EntityFrameworkCore;

using RftConsole.Training.Compute;
using RftConsole.Training.Generation;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <inheritdoc cref="IRollouts" />
internal sealed class RolloutStore(IDbContextFactory<ConsoleDbContext> contexts, ModelHost models, DataFolder folder) : IRollouts
{
    public async Task<RolloutPage> PageAsync(RolloutQuery query, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        RowTexts texts = new(folder.JobFolder(query.JobId));
        IQueryable<RolloutRow> rows = Matching(context, query);
        if (!string.IsNullOrWhiteSpace(query.Search))
        {
            if (texts.AreSealed)
            {
                return await SearchSealedAsync(rows, query, texts, cancellationToken);
            }

            string pattern = $"%{EscapeLike(query.Search.Trim())}%";
            rows = rows.Where(row => EF.Functions.Like(row.Prompt, pattern, "\\") || EF.Functions.Like(row.Completion, pattern, "\\") || EF.Functions.Like(row.RecordId, pattern, "\\"));
        }

        int total = query.Counts ? await rows.CountAsync(cancellationToken) : -1;
        if (query.Take == 0)
        {
            return new([], total);
        }

        List<RolloutRow> page = await InOrder(rows).Skip(query.Skip).Take(query.Take).ToListAsync(cancellationToken);
        return new([.. page.Select(row => JobMapping.ToRollout(row, texts))], total);
    }

    public async Task<IReadOnlyList<Rollout>> GroupAsync(string jobId, int step, int promptIndex, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<RolloutRow> rows = await context.Rollouts.AsNoTracking()
            .Where(row => row.JobId == jobId && row.Step == step && row.PromptIndex == promptIndex)
            .OrderBy(row => row.SampleIndex).ToListAsync(cancellationToken);
        RowTexts texts = new(folder.JobFolder(jobId));
        return [.. rows.Select(row => JobMapping.ToRollout(row, texts))];
    }

    public async Task<int> PromptsAsync(string jobId, int step, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        int? last = await context.Rollouts.Where(row => row.JobId == jobId && row.Step == step).MaxAsync(row => (int?)row.PromptIndex, cancellationToken);
        return last + 1 ?? 0;
    }

    public async Task<IReadOnlyList<RolloutMoment>> HistoryAsync(string jobId, string recordId, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<RolloutRow> rows = await context.Rollouts.AsNoTracking()
            .Where(row => row.JobId == jobId && row.RecordId == recordId)
            .OrderBy(row => row.Step).ThenBy(row => row.PromptIndex).ThenBy(row => row.SampleIndex).ToListAsync(cancellationToken);
        RowTexts texts = new(folder.JobFolder(jobId));
        return [.. rows.Select(row => JobMapping.ToRollout(row, texts)).GroupBy(rollout => (rollout.Step, rollout.PromptIndex)).Select(group => new RolloutMoment(group.Key.Step, group.Key.PromptIndex, [.. group]))];
    }

    public async Task<IReadOnlyList<IReadOnlyList<RolloutToken>>> TokensAsync(string jobId, int step, int promptIndex, bool withBase, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<RolloutTokensRow> rows = await context.RolloutTokens.AsNoTracking()
            .Where(row => row.JobId == jobId && row.Step == step && row.PromptIndex == promptIndex)
            .OrderBy(row => row.SampleIndex).ToListAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return [];
        }

        JobRow job = await context.Jobs.AsNoTracking().SingleAsync(row => row.Id == jobId, cancellationToken);
        LoadedModel model = await models.LoadAsync(job.BaseModel);
        List<IReadOnlyList<RolloutToken>> all = [];
        RowTexts texts = new(folder.JobFolder(jobId));
        foreach (RolloutTokens tokens in rows.Select(row => JobMapping.ToTokens(row, rows[0], texts)))
        {
            float[]? scores = withBase && tokens.Prompt.Length > 0 ? await ScoreAsync(model, tokens, cancellationToken) : null;
            var text = model.Tokenizer.CreateDecoder(skipSpecialTokens: false);
            all.Add([.. tokens.Completion.Select((id, index) => new RolloutToken(text.Append(id), tokens.LogProbabilities[index], scores?[index]))]);
        }

        return all;
    }

    private async Task<float[]> ScoreAsync(LoadedModel model, RolloutTokens tokens, CancellationToken cancellationToken)
    {
        int[] sequence = [.. tokens.Prompt, .. tokens.Completion];
        float[] scores = await models.Compute.RunAsync(WorkPriority.Interactive, () => SequenceScorer.LogProbabilities(model.Decoder, null, sequence), cancellationToken);
        return scores[(tokens.Prompt.Length - 1)..];
    }

    private static IQueryable<RolloutRow> Matching(ConsoleDbContext context, RolloutQuery query)
    {
        IQueryable<RolloutRow> rows = context.Rollouts.AsNoTracking().Where(row => row.JobId == query.JobId);
        if (query.Step is { } step)
        {
            rows = rows.Where(row => row.Step == step);
        }

        if (query.LeastReward is { } leastReward)
        {
            rows = rows.Where(row => row.Reward >= leastReward);
        }

        if (query.MostReward is { } mostReward)
        {
            rows = rows.Where(row => row.Reward <= mostReward);
        }

        if (query.LeastTokens is { } leastTokens)
        {
            rows = rows.Where(row => row.TokenCount >= leastTokens);
        }

        if (query.MostTokens is { } mostTokens)
        {
            rows = rows.Where(row => row.TokenCount <= mostTokens);
        }

        return query.Fault switch
        {
            RolloutFault.RewardError => rows.Where(row => row.RewardError != null),
            RolloutFault.NoVerdict => rows.Where(row => row.Unjudged != null),
            RolloutFault.CutOff => rows.Where(row => row.FinishReason == "length"),
            _ => rows,
        };
    }

    private static IOrderedQueryable<RolloutRow> InOrder(IQueryable<RolloutRow> rows) => rows.OrderByDescending(row => row.Step).ThenBy(row => row.PromptIndex).ThenBy(row => row.SampleIndex);

    /// <summary>The database cannot look into what it holds encrypted: each row is decrypted here, and none is kept.</summary>
    private static async Task<RolloutPage> SearchSealedAsync(IQueryable<RolloutRow> rows, RolloutQuery query, RowTexts texts, CancellationToken cancellationToken)
    {
        string search = query.Search!.Trim();
        List<Rollout> page = [];
        int total = 0;
        await foreach (RolloutRow row in InOrder(rows).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            Rollout rollout = JobMapping.ToRollout(row, texts);
            if (!new[] { rollout.Prompt, rollout.Completion, rollout.RecordId }.Any(text => text.Contains(search, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            if (total >= query.Skip && page.Count < query.Take)
            {
                page.Add(rollout);
            }

            total++;
        }

        return new(page, total);
    }

    private static string EscapeLike(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
