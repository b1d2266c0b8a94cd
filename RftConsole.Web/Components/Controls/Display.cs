using System.Globalization;

using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Controls;

/// <summary>How values read on a page: short, with units, in the reader's language, the same everywhere.</summary>
public static class Display
{
    /// <summary>What stands where there is no value yet.</summary>
    public const string None = "–";

    /// <summary>Stands between the key of a tag and its value.</summary>
    public const string TagSeparator = ": ";

    private static CultureInfo Culture => Language.Current.Culture;

    /// <summary>A share as a percentage with at most one decimal.</summary>
    public static string Percent(double? share) => share is { } value
        ? (value * 100).ToString("0.#", Culture) + (Culture.NumberFormat.PercentPositivePattern == 0 ? " %" : "%")
        : None;

    /// <summary>At most four significant decimals; tiny values in scientific form.</summary>
    public static string Number(double? number) => number switch
    {
        null => None,
        0 => "0",
        { } value when Math.Abs(value) < 0.001 => value.ToString("0.##e+0", Culture),
        { } value => value.ToString("#,0.####", Culture),
    };

    /// <summary>A number with its sign, as advantages are read.</summary>
    public static string Signed(double number) => number.ToString("+0.00;−0.00;0.00", Culture);

    /// <summary>A difference of shares in percentage points.</summary>
    public static string Points(double? difference) => difference is { } value ? (value * 100).ToString("+0.#;−0.#;±0", Culture) + " " + L["points"] : None;

    /// <summary>A count with thousands separated.</summary>
    public static string Count(long count) => count.ToString("#,0", Culture);

    /// <summary>The two largest units.</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => None,
        { TotalSeconds: < 1 } => L["under 1 s"],
        { TotalMinutes: < 1 } value => L["{0} s", value.Seconds],
        { TotalHours: < 1 } value => L["{0} min {1} s", value.Minutes, value.Seconds],
        { TotalDays: < 1 } value => L["{0} h {1} min", value.Hours, value.Minutes],
        { } value => L["{0} d {1} h", value.Days, value.Hours],
    };

    /// <summary>A short time with as many decimals as it needs.</summary>
    public static string Seconds(double seconds) => L["{0} s", seconds.ToString(seconds < 10 ? "0.##" : "0", Culture)];

    /// <summary>Bytes in KB, MB or GB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => (bytes / (double)(1L << 30)).ToString("0.0", Culture) + " GB",
        >= 1L << 20 => (bytes / (double)(1L << 20)).ToString("0", Culture) + " MB",
        _ => Math.Ceiling(bytes / 1024.0).ToString("0", Culture) + " KB",
    };

    /// <summary>How long ago, from the view of <paramref name="now"/>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { TotalSeconds: < 60 } => L["just now"],
        { TotalMinutes: < 60 } span => L["{0} min ago", (int)span.TotalMinutes],
        { TotalHours: < 24 } span => L["{0} h ago", (int)span.TotalHours],
        { TotalDays: < 30 } span => L["{0} d ago", (int)span.TotalDays],
        _ => Date(time),
    };

    /// <summary>A day.</summary>
    public static string Date(DateTimeOffset time) => time.ToString("d", Culture);

    /// <summary>A day.</summary>
    public static string Date(DateOnly day) => day.ToString("d", Culture);

    /// <summary>The exact moment, for a tooltip.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("G", Culture) + " UTC";

    /// <summary>Parameters of a model, such as 1.2 M.</summary>
    public static string Parameters(long count) => count >= 1_000_000_000
        ? (count / 1e9).ToString("0.#", Culture) + " B"
        : (count / 1e6).ToString("0.#", Culture) + " M";

    /// <summary>A place in the queue, from 1.</summary>
    public static string Place(int position) => position == 1 ? L["next in the queue"] : L["number {0} in the queue", position];

    /// <summary>A tag; many have no value.</summary>
    public static string Tag(string key, string value) => value.Length == 0 ? key : key + TagSeparator + value;

    /// <summary>A job's status, as people read it.</summary>
    public static string Status(JobStatus status) => status switch
    {
        JobStatus.Queued => L["Queued"],
        JobStatus.InProgress => L["In progress"],
        JobStatus.Completed => L["Completed"],
        JobStatus.Failed => L["Failed"],
        JobStatus.Stopping => L["Stopping"],
        JobStatus.Stopped => L["Stopped"],
        JobStatus.Paused => L["Paused"],
        _ => status.ToString(),
    };

    /// <summary>A phase's name.</summary>
    public static string Phase(JobPhase phase) => phase switch
    {
        JobPhase.Validation => L["Validation"],
        JobPhase.DataProcessing => L["Data processing"],
        _ => L["Training"],
    };

    /// <summary>A phase's status.</summary>
    public static string Status(PhaseStatus status) => status switch
    {
        PhaseStatus.NotStarted => L["Not started"],
        PhaseStatus.InProgress => L["In progress"],
        PhaseStatus.Completed => L["Completed"],
        PhaseStatus.Stopping => L["Stopping"],
        PhaseStatus.Stopped => L["Stopped"],
        _ => L["Failed"],
    };

    /// <summary>A deployment's status.</summary>
    public static string Status(DeploymentStatus status) => status switch
    {
        DeploymentStatus.Creating => L["Creating"],
        DeploymentStatus.Active => L["Active"],
        _ => L["Failed"],
    };

    /// <summary>The colour family of a status: good, bad, busy, held or idle.</summary>
    public static string Tone(JobStatus status) => status switch
    {
        JobStatus.Completed => "good",
        JobStatus.Failed => "bad",
        JobStatus.InProgress => "busy",
        JobStatus.Stopping or JobStatus.Paused => "held",
        _ => "idle",
    };

    /// <summary>The colour family of a phase.</summary>
    public static string Tone(PhaseStatus status) => status switch
    {
        PhaseStatus.Completed => "good",
        PhaseStatus.Failed => "bad",
        PhaseStatus.InProgress => "busy",
        PhaseStatus.Stopping or PhaseStatus.Stopped => "held",
        _ => "idle",
    };

    /// <summary>The colour family of a deployment.</summary>
    public static string Tone(DeploymentStatus status) => status switch
    {
        DeploymentStatus.Active => "good",
        DeploymentStatus.Failed => "bad",
        _ => "busy",
    };

    /// <summary>A job's network isolation.</summary>
    public static string Network(NetworkIsolation? isolation) => isolation?.Mode switch
    {
        NetworkMode.None => L["no network at all"],
        NetworkMode.Hosts => L["these hosts only: {0}", string.Join(", ", isolation.Hosts)],
        _ => L["off; reward code has no network"],
    };

    /// <summary>Where an encryption key comes from.</summary>
    public static string Kind(KeyKind kind) => kind switch
    {
        KeyKind.KeyFile => L["Key file"],
        KeyKind.Passphrase => L["Passphrase"],
        KeyKind.AwsKms => "AWS KMS",
        _ => L["Generated here"],
    };
}
