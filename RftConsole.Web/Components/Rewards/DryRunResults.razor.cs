using System.Globalization;

using Microsoft.AspNetCore.Components;

using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Rewards;

/// <summary>A response that the user has graded by hand.</summary>
public sealed record HandGrade(TrainingRecord Record, string Response, double Grade);

/// <summary>What a dry run found: in words, in figures, and response by response.</summary>
public sealed partial class DryRunResults
{
    private const int GroupsOnPage = 5;

    private readonly Dictionary<GradedResponse, bool> _given = new(ReferenceEqualityComparer.Instance);
    private IReadOnlyList<DryRunRemark> _remarks = [];
    private DryRunReport? _shown;
    private int _page = 1;

    /// <summary>What is shown; all of it as text, never as markup.</summary>
    [Parameter, EditorRequired]
    public required DryRunReport Report { get; set; }

    /// <summary>Raised when the user has graded a response.</summary>
    [Parameter]
    public EventCallback<HandGrade> Graded { get; set; }

    private DryRunStatistics Figures => Report.Statistics;

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_shown, Report))
        {
            (_shown, _page) = (Report, 1);
            _remarks = DryRunRemarks.Of(Figures);
            _given.Clear();
        }
    }

    private static string Prompt(GradedGroup group) => group.Record.Messages.LastOrDefault(message => message.Role == "user")?.Content ?? "";

    private static string? Reference(GradedGroup group) => group.Record.ReferenceAnswer switch
    {
        null => null,
        System.Text.Json.Nodes.JsonValue value when value.TryGetValue(out string? text) => text,
        { } other => other.ToJsonString(),
    };

    private static string Spread(GradedGroup group) => DryRunStatistics.Margin(group) switch
    {
        null => L["nothing to compare"],
        <= 1e-9 => L["no spread: teaches nothing"],
        { } margin => L["spread {0}", Display.Number(Math.Round(margin, 4))],
    };

    private static string Time(TimeSpan time) => time.TotalSeconds < 1
        ? time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " ms"
        : time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";

    private Task GradeAsync(GradedGroup group, GradedResponse response, bool good)
    {
        _given[response] = good;
        return Graded.InvokeAsync(new(group.Record, response.Response.Text, good ? 1 : 0));
    }
}
