using System.Globalization;

using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Controls;

/// <summary>How values read on a page: short, with units, the same everywhere.</summary>
public static class Display
{
    /// <summary>What stands where there is no value yet.</summary>
    public const string None = "–";

    /// <summary>Stands between the key of a tag and its value.</summary>
    public const string TagSeparator = ": ";

    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    /// <summary>A share as a percentage with one decimal.</summary>
    public static string Percent(double? share) => share is { } value ? (value * 100).ToString("0.#", _culture) + " %" : None;

    /// <summary>At most four significant decimals; tiny values in scientific form.</summary>
    public static string Number(double? number) => number switch
    {
        null => None,
        0 => "0",
        { } value when Math.Abs(value) < 0.001 => value.ToString("0.##e+0", _culture),
        { } value => value.ToString("#,0.####", _culture),
    };

    /// <summary>A number with its sign, as advantages are read.</summary>
    public static string Signed(double number) => number.ToString("+0.00;−0.00;0.00", _culture);

    /// <summary>A difference of shares in percentage points.</summary>
    public static string Points(double? difference) => difference is { } value ? (value * 100).ToString("+0.#;−0.#;±0", _culture) + " points" : None;

    /// <summary>A count with thousands separated.</summary>
    public static string Count(long count) => count.ToString("#,0", _culture);

    /// <summary>The two largest units.</summary>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => None,
        { TotalSeconds: < 1 } => "under 1 s",
        { TotalMinutes: < 1 } value => $"{value.Seconds} s",
        { TotalHours: < 1 } value => $"{value.Minutes} min {value.Seconds} s",
        { TotalDays: < 1 } value => $"{value.Hours} h {value.Minutes} min",
        { } value => $"{value.Days} d {value.Hours} h",
    };

    /// <summary>A short time with as many decimals as it needs.</summary>
    public static string Seconds(double seconds) => seconds.ToString(seconds < 10 ? "0.##" : "0", _culture) + " s";

    /// <summary>Bytes in KB, MB or GB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => (bytes / (double)(1L << 30)).ToString("0.0", _culture) + " GB",
        >= 1L << 20 => (bytes / (double)(1L << 20)).ToString("0", _culture) + " MB",
        _ => Math.Ceiling(bytes / 1024.0).ToString("0", _culture) + " KB",
    };

    /// <summary>How long ago, from the view of <paramref name="now"/>.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { TotalSeconds: < 60 } => "just now",
        { TotalMinutes: < 60 } span => $"{(int)span.TotalMinutes} min ago",
        { TotalHours: < 24 } span => $"{(int)span.TotalHours} h ago",
        { TotalDays: < 30 } span => $"{(int)span.TotalDays} d ago",
        _ => time.ToString("yyyy-MM-dd", _culture),
    };

    /// <summary>The exact moment, for a tooltip.</summary>
    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", _culture) + " UTC";

    /// <summary>Parameters of a model, such as 1.2 M.</summary>
    public static string Parameters(long count) => count >= 1_000_000_000
        ? (count / 1e9).ToString("0.#", _culture) + " B"
        : (count / 1e6).ToString("0.#", _culture) + " M";

    /// <summary>A place in the queue, from 1.</summary>
    public static string Place(int position) => position == 1 ? "next in the queue" : $"number {position} in the queue";

    /// <summary>A tag; many have no value.</summary>
    public static string Tag(string key, string value) => value.Length == 0 ? key : key + TagSeparator + value;

    /// <summary>A job's status, as people read it.</summary>
    public static string Status(JobStatus status) => status == JobStatus.InProgress ? "In progress" : status.ToString();

    /// <summary>A phase's name.</summary>
    public static string Phase(JobPhase phase) => phase == JobPhase.DataProcessing ? "Data processing" : phase.ToString();

    /// <summary>A phase's status.</summary>
    public static string Status(PhaseStatus status) => status switch
    {
        PhaseStatus.NotStarted => "Not started",
        PhaseStatus.InProgress => "In progress",
        _ => status.ToString(),
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
        NetworkMode.None => "no network at all",
        NetworkMode.Hosts => "these hosts only: " + string.Join(", ", isolation.Hosts),
        _ => "off; reward code has no network",
    };

    /// <summary>Where an encryption key comes from.</summary>
    public static string Kind(KeyKind kind) => kind switch
    {
        KeyKind.KeyFile => "Key file",
        KeyKind.Passphrase => "Passphrase",
        KeyKind.AwsKms => "AWS KMS",
        _ => "Generated here",
    };
}
