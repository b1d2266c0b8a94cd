using System.Collections.Concurrent;

using Microsoft.EntityFrameworkCore;

using RftConsole.Training;
using RftConsole.Training.Hub;
using RftConsole.Training.Models;
using RftConsole.Web.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Catalogue;

/// <summary>Runs downloads. One that the end of the process interrupted goes on in the next process.</summary>
internal sealed partial class ModelDownloads(
    IDbContextFactory<ConsoleDbContext> contexts,
    HubClient client,
    IHubSettings settings,
    DataFolder folder,
    ChangeFeed feed,
    TimeProvider time,
    ILogger<ModelDownloads> log) : IHostedService
{
    private readonly ConcurrentDictionary<string, Running> _running = new();

    public DownloadProgress? ProgressOf(string id) => _running.GetValueOrDefault(id)?.Meter.Now;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (BaseModelRow row in await context.BaseModels.AsNoTracking().Where(row => row.Status == BaseModelStatus.Downloading).ToListAsync(cancellationToken))
        {
            Begin(row.Id, HubReference.Parse(row.HubReference!));
        }
    }

    /// <summary>Ends all downloads; their rows stay, so that they go on at the next start.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_running.Keys.ToList().Select(CancelAsync));

    public void Begin(string id, HubReference reference)
    {
        Running run = new(new(time));
        if (_running.TryAdd(id, run))
        {
            run.Work = Task.Run(() => RunAsync(id, reference, run));
        }
    }

    /// <summary>Ends a download and waits until nothing of it writes any more.</summary>
    public async Task CancelAsync(string id)
    {
        if (_running.TryGetValue(id, out Running? run))
        {
            await run.Cancel.CancelAsync();
            await run.Work;
        }
    }

    private async Task RunAsync(string id, HubReference reference, Running run)
    {
        string target = folder.BaseModelFolder(id);
        string? problem = null;
        try
        {
            HubConnection connection = await settings.ConnectionAsync(run.Cancel.Token);
            HubDownloaded downloaded = await new HubDownload(client, connection, reference, target).RunAsync(
                progress =>
                {
                    if (run.Meter.Add(progress))
                    {
                        feed.Publish(ChangeTopic.BaseModels, id);
                    }
                },
                run.Cancel.Token);
            await KeepAsync(id, target, downloaded);
            LogDone(reference.ToString(), downloaded.Model.Commit);
        }
        catch (OperationCanceledException) when (run.Cancel.IsCancellationRequested)
        {
            // Whoever cancelled it says what becomes of the row.
        }
        catch (UserInputException refused)
        {
            problem = refused.Message;
        }
        catch (Exception broken)
        {
            // Whatever breaks one download is shown there and must not end the others.
            LogBroke(broken, reference.ToString());
            problem = broken.Message.ReplaceLineEndings(" ");
        }

        if (problem is not null)
        {
            await using ConsoleDbContext context = await contexts.CreateDbContextAsync();
            await context.BaseModels.Where(row => row.Id == id).ExecuteUpdateAsync(update => update.SetProperty(row => row.Status, BaseModelStatus.Failed).SetProperty(row => row.Message, problem));
        }

        _running.TryRemove(id, out _);
        feed.Publish(ChangeTopic.BaseModels, id);
    }

    private async Task KeepAsync(string id, string target, HubDownloaded downloaded)
    {
        ModelDescription described = ModelInspection.Inspect(downloaded.File is null ? target : Path.Combine(target, downloaded.File));
        await using ConsoleDbContext context = await contexts.CreateDbContextAsync();
        BaseModelRow row = await context.BaseModels.SingleAsync(model => model.Id == id);
        row.Status = BaseModelStatus.Ready;
        row.Message = null;
        row.Revision = downloaded.Model.Commit;
        row.FileName = downloaded.File;
        row.Licence = downloaded.Model.Licence ?? described.Licence;
        row.Bytes = described.Bytes;
        row.ConfigJson = StoredJson.Write(described.Config);
        await context.SaveChangesAsync();
    }

    [LoggerMessage(LogLevel.Information, "{Model} was downloaded at commit {Commit}")]
    private partial void LogDone(string model, string commit);

    [LoggerMessage(LogLevel.Error, "The download of {Model} broke")]
    private partial void LogBroke(Exception problem, string model);

    private sealed class Running(DownloadMeter meter)
    {
        public CancellationTokenSource Cancel { get; } = new();

        public DownloadMeter Meter { get; } = meter;

        public Task Work { get; set; } = Task.CompletedTask;
    }
}

/// <summary>Speed and time left of a download, from its last ten seconds.</summary>
internal sealed class DownloadMeter(TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Queue<(long Time, long Done)> _samples = new();
    private long? _last;

    public DownloadProgress? Now { get; private set; }

    /// <returns>Whether it is time to show it.</returns>
    public bool Add(HubProgress progress)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            if (_last is { } last && time.GetElapsedTime(last, now) < s_interval && progress.Done < progress.Total)
            {
                return false;
            }

            _last = now;
            _samples.Enqueue((now, progress.Done));
            while (time.GetElapsedTime(_samples.Peek().Time, now) > s_window)
            {
                _samples.Dequeue();
            }

            (long since, long before) = _samples.Peek();
            double seconds = time.GetElapsedTime(since, now).TotalSeconds;
            double? speed = seconds > 0 && progress.Done > before ? (progress.Done - before) / seconds : null;
            Now = new(progress.Done, progress.Total, speed, speed is { } perSecond ? TimeSpan.FromSeconds((progress.Total - progress.Done) / perSecond) : null);
            return true;
        }
    }
}
