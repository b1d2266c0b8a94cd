using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Catalogue;

/// <summary>The catalogue over the database, the data folder and the hub.</summary>
internal sealed class BaseModelCatalog(
    IDbContextFactory<ConsoleDbContext> contexts,
    ModelDownloads downloads,
    IJobEngine engine,
    DataFolder folder,
    ChangeFeed feed,
    TimeProvider time) : IBaseModels
{
    private static readonly JobStatus[] s_ended = [JobStatus.Completed, JobStatus.Failed, JobStatus.Stopped];

    public async Task<IReadOnlyList<CatalogueModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        List<BaseModelRow> rows = await context.BaseModels.AsNoTracking().OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Name).ToListAsync(cancellationToken);
        return [.. BaseModels.All.Select(Embedded), .. rows.Select(ToModel)];
    }

    public async Task<string> AddPathAsync(string path, string? name, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrWhiteSpace(path) || !Path.IsPathRooted(path.Trim()))
        {
            throw new UserInputException("Folder or file: give the whole path of a Hugging Face folder or a GGUF file on this machine.");
        }

        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path.Trim()));
        if (!Path.Exists(full))
        {
            throw new UserInputException($"Folder or file: {full} is not there.");
        }

        ModelDescription described = await Task.Run(() => ModelInspection.Inspect(full), cancellationToken);
        string chosen = NameOf(name, File.Exists(full) ? Path.GetFileNameWithoutExtension(full) : Path.GetFileName(full));
        await InsertAsync(
            new()
            {
                Id = NewId.Create(),
                Name = chosen,
                Path = full,
                Status = BaseModelStatus.Ready,
                Licence = described.Licence,
                Bytes = described.Bytes,
                ConfigJson = StoredJson.Write(described.Config),
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
        return chosen;
    }

    public async Task<string> DownloadAsync(HubReference reference, string? name, CancellationToken cancellationToken = default)
    {
        string chosen = NameOf(name, reference.File is { } file ? Path.GetFileNameWithoutExtension(file) : reference.Id.Split('/')[1]);
        string id = NewId.Create();
        await InsertAsync(new() { Id = id, Name = chosen, HubReference = reference.ToString(), Status = BaseModelStatus.Downloading, CreatedAt = time.GetUtcNow() }, cancellationToken);
        downloads.Begin(id, reference);
        return chosen;
    }

    public async Task PauseAsync(string id, CancellationToken cancellationToken = default)
    {
        await downloads.CancelAsync(id);
        await SetStatusAsync(id, [BaseModelStatus.Downloading], BaseModelStatus.Paused, cancellationToken);
    }

    public async Task ResumeAsync(string id, CancellationToken cancellationToken = default)
    {
        BaseModelRow row = await RequireAsync(id, cancellationToken);
        if (await SetStatusAsync(id, [BaseModelStatus.Paused, BaseModelStatus.Failed], BaseModelStatus.Downloading, cancellationToken))
        {
            downloads.Begin(id, HubReference.Parse(row.HubReference!));
        }
    }

    public async Task<BaseModelUsers> UsersAsync(string name, CancellationToken cancellationToken = default)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return new(
            await context.Jobs.Where(row => row.BaseModel == name && !s_ended.Contains(row.Status)).Select(row => row.Name).ToListAsync(cancellationToken),
            await context.Jobs.Where(row => row.BaseModel == name).Select(row => row.Name).ToListAsync(cancellationToken),
            await context.Models.Where(row => row.BaseModel == name).Select(row => row.Name).ToListAsync(cancellationToken),
            await context.Deployments.Where(row => row.Model!.BaseModel == name).Select(row => row.Name).ToListAsync(cancellationToken));
    }

    public async Task RemoveAsync(string id, CancellationToken cancellationToken = default)
    {
        BaseModelRow row = await RequireAsync(id, cancellationToken);
        BaseModelUsers users = await UsersAsync(row.Name, cancellationToken);
        if (users.Models.Count > 0)
        {
            throw new UserInputException($"{row.Name} is the base of the tuned models {string.Join(", ", users.Models)}, which cannot work without it: delete them first.");
        }

        if (users.ActiveJobs.Count > 0)
        {
            throw new UserInputException($"{row.Name} is used by the jobs {string.Join(", ", users.ActiveJobs)}: stop or delete them first.");
        }

        await downloads.CancelAsync(id);
        await using (ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            await context.BaseModels.Where(model => model.Id == id).ExecuteDeleteAsync(cancellationToken);
        }

        HubDownload.Discard(folder.BaseModelFolder(id));
        if (Directory.Exists(folder.BaseModelFolder(id)))
        {
            Directory.Delete(folder.BaseModelFolder(id), recursive: true);
        }

        feed.Publish(ChangeTopic.BaseModels, id);
    }

    public Task<JobEstimate> CostAsync(DecoderConfig config, CancellationToken cancellationToken = default) => engine.EstimateAsync(config, cancellationToken);

    public IDisposable Subscribe(Func<Task> changed) => feed.Subscribe(ChangeTopic.BaseModels, null, changed);

    private static CatalogueModel Embedded(BaseModel model)
    {
        DecoderConfig config = DecoderConfig.Load(model.Folder);
        return new(model.Name, model.Name, model.Title, model.Description, Phrase("Comes with the console"), BaseModelStatus.Ready, null, config, model.Licence, new DirectoryInfo(model.Folder).EnumerateFiles().Sum(file => file.Length), true, null);
    }

    private CatalogueModel ToModel(BaseModelRow row)
    {
        bool gone = row.Status == BaseModelStatus.Ready && !Path.Exists(RegisteredNames.Of(row, folder));
        string source = row.Path ?? $"{row.HubReference}{(row.Revision is null ? "" : $", commit {row.Revision[..7]}")}";
        return new(
            row.Id,
            row.Name,
            row.Name,
            null,
            source,
            gone ? BaseModelStatus.Failed : row.Status,
            gone ? $"{RegisteredNames.Of(row, folder)} is not there any more: put it back, or remove the model." : row.Message,
            StoredJson.ReadOptional<DecoderConfig>(row.ConfigJson),
            row.Licence,
            row.Bytes,
            false,
            downloads.ProgressOf(row.Id));
    }

    /// <summary>A name by the rules of job names; one that was not chosen is made to fit.</summary>
    private static string NameOf(string? chosen, string proposed)
    {
        string name = string.IsNullOrWhiteSpace(chosen)
            ? string.Concat(proposed.Select(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_' or '.' ? x : '-')).TrimStart('-', '_', '.') is var fitted && fitted.Length > 63 ? fitted[..63] : fitted
            : chosen.Trim();
        SpecificationCheck.RequireName("name", "Name", name);
        return name;
    }

    private async Task InsertAsync(BaseModelRow row, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        if (BaseModels.All.Any(model => string.Equals(model.Name, row.Name, StringComparison.OrdinalIgnoreCase)) || await context.BaseModels.AnyAsync(model => model.Name == row.Name, cancellationToken))
        {
            throw new UserInputException($"Name: there is a base model \"{row.Name}\" already; choose another name.");
        }

        context.BaseModels.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        feed.Publish(ChangeTopic.BaseModels, row.Id);
    }

    private async Task<BaseModelRow> RequireAsync(string id, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.BaseModels.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) ?? throw new UserInputException("This base model has been removed already.");
    }

    private async Task<bool> SetStatusAsync(string id, BaseModelStatus[] from, BaseModelStatus to, CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        int changed = await context.BaseModels.Where(row => row.Id == id && from.Contains(row.Status)).ExecuteUpdateAsync(update => update.SetProperty(row => row.Status, to).SetProperty(row => row.Message, (string?)null), cancellationToken);
        feed.Publish(ChangeTopic.BaseModels, id);
        return changed > 0;
    }
}
