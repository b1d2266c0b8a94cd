using System.Globalization;

using Microsoft.AspNetCore.Components;

using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Controls;

/// <summary>Requests a day over the last days.</summary>
public sealed partial class UsageChart
{
    private const int Days = 30;
    private const double HighestBar = 64;

    private Day[] _days = [new(default, 0, 0, 0)];

    /// <summary>Usage by the hour.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<UsageHour> Usage { get; set; }

    /// <summary>The last day.</summary>
    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    private string Described
    {
        get
        {
            long requests = _days.Sum(day => day.Requests), failures = _days.Sum(day => day.Failures);
            return requests == 0
                ? L["No requests in the last {0} days", Days]
                : L["{0} requests and {1} tokens in the last {2} days", Display.Count(requests), Display.Count(_days.Sum(day => day.Tokens)), Days] + (failures > 0 ? L[", {0} failed", Display.Count(failures)] : "");
        }
    }

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        DateOnly last = DateOnly.FromDateTime(Now.UtcDateTime);
        ILookup<DateOnly, UsageHour> byDay = Usage.ToLookup(hour => DateOnly.FromDateTime(hour.Hour.UtcDateTime));
        _days = [.. Enumerable.Range(1 - Days, Days).Select(last.AddDays).Select(date => new Day(
            date,
            byDay[date].Sum(hour => hour.Requests),
            byDay[date].Sum(hour => hour.Failures),
            byDay[date].Sum(hour => hour.PromptTokens + hour.CompletionTokens)))];
    }

    private static string Date(Day day) => day.Date.ToString("d MMM", CultureInfo.InvariantCulture);

    private static string Title(Day day) => L["{0}: {1} requests, {2} tokens", Date(day), Display.Count(day.Requests), Display.Count(day.Tokens)];

    private string Height(Day day) => FormattableString.Invariant($"{(day.Requests == 0 ? 0 : Math.Max(2, HighestBar * day.Requests / _days.Max(other => other.Requests))):0.#}px");

    private sealed record Day(DateOnly Date, long Requests, long Failures, long Tokens);
}
