using Microsoft.EntityFrameworkCore;

using RftConsole.Web.Storage;

namespace RftConsole.Web.Jobs;

/// <summary>Where a queued job is to go.</summary>
public enum QueueMove
{
    Up,
    Down,
    First,
}

/// <summary>The order in which queued jobs run: by <see cref="JobRow.QueueNumber"/>. A job that runs has a smaller number than any that waits.</summary>
internal static class JobQueue
{
    /// <summary>A number behind all others.</summary>
    public static async Task<long> NextNumberAsync(ConsoleDbContext context, CancellationToken cancellationToken) =>
        (await context.Jobs.MaxAsync(row => (long?)row.QueueNumber, cancellationToken) ?? 0) + 1;

    /// <summary>Place in the queue, from 1, by job.</summary>
    public static async Task<Dictionary<string, int>> PositionsAsync(ConsoleDbContext context, CancellationToken cancellationToken)
    {
        List<string> ids = await context.Jobs.Where(row => row.Status == JobStatus.Queued).OrderBy(row => row.QueueNumber).Select(row => row.Id).ToListAsync(cancellationToken);
        return ids.Select((id, index) => (id, index)).ToDictionary(entry => entry.id, entry => entry.index + 1);
    }

    /// <summary>Gives the numbers of the waiting jobs out again in the new order; the caller saves. False where the job does not wait.</summary>
    public static async Task<bool> MoveAsync(ConsoleDbContext context, string id, QueueMove move, CancellationToken cancellationToken)
    {
        List<JobRow> waiting = await context.Jobs.Where(row => row.Status == JobStatus.Queued).OrderBy(row => row.QueueNumber).ToListAsync(cancellationToken);
        int from = waiting.FindIndex(row => row.Id == id);
        if (from < 0)
        {
            return false;
        }

        int to = move switch
        {
            QueueMove.Up => Math.Max(0, from - 1),
            QueueMove.Down => Math.Min(waiting.Count - 1, from + 1),
            _ => 0,
        };
        long[] numbers = [.. waiting.Select(row => row.QueueNumber)];
        JobRow moved = waiting[from];
        waiting.RemoveAt(from);
        waiting.Insert(to, moved);
        for (int index = 0; index < waiting.Count; index++)
        {
            waiting[index].QueueNumber = numbers[index];
        }

        return true;
    }
}
