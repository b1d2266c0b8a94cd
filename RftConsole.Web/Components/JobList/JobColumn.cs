using System.Globalization;
using System.Text.Json;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>A column of the jobs table.</summary>
public enum JobColumn
{
    Name,
    Status,
    Phase,
    BaseModel,
    Reward,
    Gain,
    TimeLeft,
    Created,
    Duration,
    Tags,
    RewardFunction,
    Disk,
}

/// <summary>What the columns of the jobs table are called and how they sort.</summary>
public static class JobColumns
{
    private static readonly StringComparer s_names = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.IgnoreCase | CompareOptions.NumericOrdering);

    /// <summary>All columns, in their order.</summary>
    public static IReadOnlyList<JobColumn> All { get; } = Enum.GetValues<JobColumn>();

    /// <summary>What is shown unless somebody chose otherwise.</summary>
    public static IReadOnlyList<JobColumn> Default { get; } = [.. All.Where(column => column < JobColumn.RewardFunction)];

    /// <summary>The columns of the overview, which has less room.</summary>
    public static IReadOnlyList<JobColumn> Short { get; } = [JobColumn.Name, JobColumn.Status, JobColumn.Phase, JobColumn.BaseModel, JobColumn.Reward, JobColumn.Gain, JobColumn.Created];

    /// <summary>The heading of a column.</summary>
    public static string Title(JobColumn column) => column switch
    {
        JobColumn.Name => L["Job name"],
        JobColumn.BaseModel => L["Base model"],
        JobColumn.Gain => L["Accuracy gain"],
        JobColumn.TimeLeft => L["Time left"],
        JobColumn.RewardFunction => L["Reward function"],
        JobColumn.Disk => L["On disk"],
        JobColumn.Status => L["Status"],
        JobColumn.Phase => L["Phase"],
        JobColumn.Reward => L["Reward"],
        JobColumn.Created => L["Created"],
        JobColumn.Duration => L["Duration"],
        JobColumn.Tags => L["Tags"],
        _ => column.ToString(),
    };

    /// <summary>The name of a column in an address.</summary>
    public static string Key(JobColumn column) => JsonNamingPolicy.CamelCase.ConvertName(column.ToString());

    /// <summary>The column of that name; null where there is none.</summary>
    public static JobColumn? Find(string? key) => All.Select(column => (JobColumn?)column).FirstOrDefault(column => string.Equals(Key(column!.Value), key, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it stands to the right, as figures do.</summary>
    public static bool IsNumber(JobColumn column) => column is JobColumn.Gain or JobColumn.TimeLeft or JobColumn.Duration or JobColumn.Disk;

    /// <summary>Whether the first click sorts it from high to low: of times and figures the latest and the best are looked for.</summary>
    public static bool FallsFirst(JobColumn column) => column is JobColumn.Created or JobColumn.Reward or JobColumn.Gain or JobColumn.Duration or JobColumn.Disk;

    /// <summary>Jobs in the order of a column; those without a value come last in either direction, and equal ones stay in the order they came.</summary>
    /// <param name="jobs">The jobs, newest first.</param>
    /// <param name="column">The column.</param>
    /// <param name="falling">From high to low.</param>
    /// <param name="reward">A job's latest reward.</param>
    /// <param name="now">The time, for the duration of jobs that run.</param>
    public static IReadOnlyList<JobSummary> Sort(IEnumerable<JobSummary> jobs, JobColumn column, bool falling, Func<JobSummary, double?> reward, DateTimeOffset now)
    {
        (JobSummary Job, IComparable? Value)[] valued = [.. jobs.Select(job => (job, ValueOf(job, column, reward, now)))];
        IOrderedEnumerable<(JobSummary Job, IComparable? Value)> missingLast = valued.OrderBy(entry => entry.Value is null);
        Comparer<IComparable?> comparer = Comparer<IComparable?>.Create(Compare);
        return [.. (falling ? missingLast.ThenByDescending(entry => entry.Value, comparer) : missingLast.ThenBy(entry => entry.Value, comparer)).Select(entry => entry.Job)];
    }

    private static int Compare(IComparable? one, IComparable? other) => one is string text ? s_names.Compare(text, (string?)other) : Comparer<IComparable>.Default.Compare(one, other);

    private static IComparable? ValueOf(JobSummary job, JobColumn column, Func<JobSummary, double?> reward, DateTimeOffset now) => column switch
    {
        JobColumn.Name => job.Name,
        JobColumn.Status => Rank(job.Status),
        // By phase, and within the training by its progress.
        JobColumn.Phase => job.Phase is { } phase ? (int)phase + (job.TotalSteps > 0 ? (double)job.StepsDone / job.TotalSteps : 0) : null,
        JobColumn.BaseModel => job.BaseModel,
        JobColumn.Reward => reward(job),
        JobColumn.Gain => job.Gain,
        JobColumn.TimeLeft => job.TimeLeft,
        JobColumn.Created => job.CreatedAt,
        JobColumn.Duration => job.Elapsed(now),
        JobColumn.Tags => job.Tags.Count == 0 ? null : string.Join(", ", job.Tags.Select(tag => Display.Tag(tag.Key, tag.Value)).Order(StringComparer.OrdinalIgnoreCase)),
        JobColumn.RewardFunction => job.RewardName,
        JobColumn.Disk => job.Bytes,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, null),
    };

    /// <summary>What goes on stands before what waits, and that before what has ended.</summary>
    private static int Rank(JobStatus status) => status switch
    {
        JobStatus.InProgress => 0,
        JobStatus.Stopping => 1,
        JobStatus.Queued => 2,
        JobStatus.Paused => 3,
        JobStatus.Failed => 4,
        JobStatus.Stopped => 5,
        _ => 6,
    };
}
