using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Storage;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Rewards;

/// <summary>The library over the database. Code lies in the data folder by its content, and rows name it relative to that folder, so that the folder can move.</summary>
internal sealed class RewardLibrary(IDbContextFactory<ConsoleDbContext> contexts, ChangeFeed feed, DataFolder folder, TimeProvider time) : IRewardLibrary
{
    private const int LongestNote = 500;

    public async Task<IReadOnlyList<LibraryReward>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<RewardFunctionRow> rows = await context.RewardFunctions.AsNoTracking().ToListAsync(cancellationToken);
        List<RewardVersionRow> versions = await context.RewardVersions.AsNoTracking().ToListAsync(cancellationToken);
        Dictionary<string, int> jobs = await context.RewardUses.GroupBy(use => use.Version!.FunctionId).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        ILookup<string, RewardVersionRow> byFunction = versions.ToLookup(row => row.FunctionId);
        return [.. rows.Select(row => Summary(row, byFunction[row.Id].MaxBy(version => version.Number)!, jobs.GetValueOrDefault(row.Id))).OrderByDescending(reward => reward.ChangedAt).ThenBy(reward => reward.Name, StringComparer.OrdinalIgnoreCase)];
    }

    public async Task<RewardEntry?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await EntryAsync(context, await context.RewardFunctions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken), cancellationToken);
    }

    public async Task<RewardEntry?> FindByNameAsync(string name, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await EntryAsync(context, await context.RewardFunctions.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancellationToken), cancellationToken);
    }

    public async Task<string> CreateAsync(string name, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default)
    {
        string id = NewId.Create();
        string trimmed = RequireName(name);
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await RequireFreeNameAsync(context, id, trimmed, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        context.RewardFunctions.Add(new() { Id = id, Name = trimmed, CreatedAt = now });
        context.RewardVersions.Add(Version(id, 1, specification, note, now));
        await SaveAsync(context, id, trimmed, cancellationToken);
        return id;
    }

    public async Task<RewardVersion> SaveAsync(string id, RewardFunctionSpecification specification, string note, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        await RequireAsync(context, id, cancellationToken);
        RewardVersionRow latest = await context.RewardVersions.AsNoTracking().Where(row => row.FunctionId == id).OrderByDescending(row => row.Number).FirstAsync(cancellationToken);
        RewardVersionRow added = Version(id, latest.Number + 1, specification, note, time.GetUtcNow());
        if (added.ContentHash == latest.ContentHash)
        {
            return ToVersion(latest);
        }

        context.RewardVersions.Add(added);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException) when (context.RewardVersions.Any(row => row.FunctionId == id && row.Number == added.Number && row.Id != added.Id))
        {
            // Two pages saved at once, and the index let one of them through.
            return await SaveAsync(id, specification, note, cancellationToken);
        }

        feed.Publish(ChangeTopic.Rewards, id);
        return ToVersion(added);
    }

    public async Task RenameAsync(string id, string name, CancellationToken cancellationToken = default)
    {
        string trimmed = RequireName(name);
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        RewardFunctionRow row = await RequireAsync(context, id, cancellationToken);
        await RequireFreeNameAsync(context, id, trimmed, cancellationToken);
        row.Name = trimmed;
        await SaveAsync(context, id, trimmed, cancellationToken);
    }

    public async Task DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.RewardFunctions.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw new UserInputException("This reward function has been deleted already.");
        }

        if (SealedFolders.Destroy(folder.ExampleFolder(id)))
        {
            Directory.Delete(folder.ExampleFolder(id));
        }

        feed.Publish(ChangeTopic.Rewards, id);
    }

    public async Task<IReadOnlyList<RewardUser>> UsersAsync(string id, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.RewardUses
            .Where(use => use.Version!.FunctionId == id)
            .Join(context.Jobs, use => use.JobId, job => job.Id, (use, job) => new { job.CreatedAt, job.Id, job.Name, use.Version!.Number })
            .OrderBy(use => use.CreatedAt)
            .Select(use => new RewardUser(use.Id, use.Name, use.Number))
            .ToListAsync(cancellationToken);
    }

    public async Task<UsedReward?> UsedByAsync(string jobId, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.RewardUses
            .Where(use => use.JobId == jobId)
            .Select(use => new UsedReward(use.Version!.FunctionId, use.Version.Function!.Name, use.Version.Number))
            .SingleOrDefaultAsync(cancellationToken);
    }

    public async Task RecordUseAsync(string jobId, string versionId, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.RewardVersions.AsNoTracking().Include(row => row.Function).SingleOrDefaultAsync(row => row.Id == versionId, cancellationToken) is not { } version)
        {
            // It was deleted while the wizard was filled in: the job has its copy, and nothing to point at.
            return;
        }

        context.RewardUses.Add(new() { JobId = jobId, VersionId = versionId });
        await context.SaveChangesAsync(cancellationToken);
        string name = $"{version.Function!.Name}, version {version.Number}";
        await context.Jobs.Where(job => job.Id == jobId).ExecuteUpdateAsync(update => update.SetProperty(job => job.RewardName, name), cancellationToken);
        feed.Publish(ChangeTopic.Rewards, version.FunctionId);
        feed.Publish(ChangeTopic.Jobs, jobId);
    }

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.Rewards, null, changed);

    private static string RequireName(string name)
    {
        string trimmed = name.Trim();
        SpecificationCheck.RequireName("name", "Name", trimmed);
        return RewardTemplates.All.All(template => !template.Name.Equals(trimmed, StringComparison.OrdinalIgnoreCase))
            ? trimmed
            : throw new FieldInputException("name", $"Name: \"{trimmed}\" is the name of a template; choose another name.");
    }

    private static async Task RequireFreeNameAsync(ConsoleDbContext context, string id, string name, CancellationToken cancellationToken)
    {
        if (await context.RewardFunctions.AnyAsync(row => row.Name == name && row.Id != id, cancellationToken))
        {
            throw new FieldInputException("name", $"Name: there is a reward function \"{name}\" already; choose another name.");
        }
    }

    private static async Task<RewardFunctionRow> RequireAsync(ConsoleDbContext context, string id, CancellationToken cancellationToken) =>
        await context.RewardFunctions.SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new UserInputException("This reward function has been deleted.");

    private async Task SaveAsync(ConsoleDbContext context, string id, string name, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Two pages can pass the check of the name at once; the index lets one of them through.
            await using ConsoleDbContext again = await contexts.CreateDbContextAsync(cancellationToken);
            await RequireFreeNameAsync(again, id, name, cancellationToken);
            throw;
        }

        feed.Publish(ChangeTopic.Rewards, id);
    }

    private async Task<RewardEntry?> EntryAsync(ConsoleDbContext context, RewardFunctionRow? row, CancellationToken cancellationToken)
    {
        if (row is null)
        {
            return null;
        }

        List<RewardVersionRow> versions = await context.RewardVersions.AsNoTracking().Where(version => version.FunctionId == row.Id).OrderByDescending(version => version.Number).ToListAsync(cancellationToken);
        int jobs = await context.RewardUses.CountAsync(use => use.Version!.FunctionId == row.Id, cancellationToken);
        return new(Summary(row, versions[0], jobs), [.. versions.Select(ToVersion)]);
    }

    private LibraryReward Summary(RewardFunctionRow row, RewardVersionRow latest, int jobs) =>
        new(row.Id, row.Name, Read(latest.SpecificationJson).Type, latest.Number, row.CreatedAt, latest.CreatedAt, jobs);

    private RewardVersionRow Version(string functionId, int number, RewardFunctionSpecification specification, string note, DateTimeOffset now)
    {
        if (note.Trim().Length > LongestNote)
        {
            throw new FieldInputException("note", $"Note: {note.Trim().Length} characters are too many, at most {LongestNote} are allowed.");
        }

        // A file's path holds the hash of its code, so that the text below decides the content.
        string json = JsonSerializer.Serialize(RewardSpecificationFiles.Map(specification, file => Path.GetRelativePath(folder.Root, file)), JobSpecificationFile.Options);
        return new()
        {
            Id = NewId.Create(),
            FunctionId = functionId,
            Number = number,
            SpecificationJson = json,
            ContentHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json))),
            Note = note.Trim(),
            CreatedAt = now,
        };
    }

    private RewardVersion ToVersion(RewardVersionRow row) => new(row.Id, row.FunctionId, row.Number, row.Note, row.ContentHash, row.CreatedAt, Read(row.SpecificationJson));

    private RewardFunctionSpecification Read(string json) =>
        RewardSpecificationFiles.Map(JsonSerializer.Deserialize<RewardFunctionSpecification>(json, JobSpecificationFile.Options)!, file => Path.Combine(folder.Root, file));
}
