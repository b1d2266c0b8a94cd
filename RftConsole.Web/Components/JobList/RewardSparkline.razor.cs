using System.Globalization;

using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.JobList;

/// <summary>The course of a job's training reward as a small line, with the latest value beside it; in words for those who do not see it.</summary>
public sealed partial class RewardSparkline
{
    private const double Width = 100;
    private const double Height = 28;

    /// <summary>Room above and below the line, which is two wide.</summary>
    private const double Margin = 2;

    /// <summary>The rewards, by step.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RewardPoint> Points { get; set; }

    private string Text => Points.Count == 1
        ? L["Reward {0} at step {1}", Short(Points[0].Reward), Points[0].Step]
        : L["Reward from {0} at step {1} to {2} at step {3}, lowest {4}, highest {5}", Short(Points[0].Reward), Points[0].Step, Short(Points[^1].Reward), Points[^1].Step, Short(Points.Min(point => point.Reward)), Short(Points.Max(point => point.Reward))];

    private string Line
    {
        get
        {
            double low = Points.Min(point => point.Reward);
            double range = Points.Max(point => point.Reward) - low;
            int first = Points[0].Step;
            int steps = Points[^1].Step - first;
            IEnumerable<(double X, double Y)> places = Points.Select(point => (
                steps == 0 ? Width : Width * (point.Step - first) / steps,
                // A reward that never changes is a line through the middle.
                range == 0 ? Height / 2 : Height - Margin - ((Height - (2 * Margin)) * (point.Reward - low) / range)));
            if (Points.Count == 1)
            {
                places = places.Prepend((0, Height / 2));
            }

            return string.Join(' ', places.Select(place => string.Create(CultureInfo.InvariantCulture, $"{place.X:0.#},{place.Y:0.#}")));
        }
    }

    private static string Short(double reward) => reward != 0 && Math.Abs(reward) < 0.01 ? Display.Number(reward) : reward.ToString("0.##", CultureInfo.InvariantCulture);
}
