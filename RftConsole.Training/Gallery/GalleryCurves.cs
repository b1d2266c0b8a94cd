using System.Globalization;
using System.Text;

namespace RftConsole.Training.Gallery;

/// <summary>Draws how the jobs of the gallery learnt: a small chart a task, training reward by step, a line a seed and a dashed one for the control.</summary>
public static class GalleryCurves
{
    private const int Columns = 4;
    private const int CellWidth = 180;
    private const int CellHeight = 150;
    private const int PlotLeft = 30;
    private const int PlotTop = 28;
    private const int PlotWidth = 138;
    private const int PlotHeight = 92;

    private const string Seeds = "#4054d6";
    private const string Control = "#c2562d";
    private const string Text = "#3a4256";

    /// <summary>The drawing as SVG, on a white ground so that it reads the same on a light and on a dark page.</summary>
    /// <param name="rows">The tasks, each with at least one job.</param>
    public static string Svg(IReadOnlyList<GalleryRow> rows)
    {
        int height = ((rows.Count + Columns - 1) / Columns * CellHeight) + 24;
        StringBuilder svg = new();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Columns * CellWidth} {height}" role="img" font-family="system-ui, sans-serif" font-size="11">""");
        Line(svg, $"<title>Training reward by step of each sample task</title>");
        Line(svg, $"""<rect width="{Columns * CellWidth}" height="{height}" rx="8" fill="#ffffff"/>""");
        foreach ((int index, GalleryRow row) in rows.Index())
        {
            Line(svg, $"""<g transform="translate({index % Columns * CellWidth},{index / Columns * CellHeight})">""");
            Chart(svg, row);
            Line(svg, $"</g>");
        }

        Line(svg, $"""<text x="{Columns * CellWidth / 2}" y="{height - 10}" text-anchor="middle" fill="{Text}">Training reward by step: <tspan fill="{Seeds}">one line a seed</tspan>{(rows.Any(row => row.Shuffled is not null) ? $"""; <tspan fill="{Control}">dashed, the control with shuffled rewards</tspan>""" : "")}</text>""");
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Chart(StringBuilder svg, GalleryRow row)
    {
        int steps = row.Runs.Append(row.Shuffled).OfType<GalleryRun>().Max(run => run.Rewards.Count);
        Line(svg, $"""<text x="{PlotLeft}" y="18" font-weight="600" fill="{Text}">{row.Task.Data.Name}</text>""");
        foreach (double level in (double[])[0, 0.5, 1])
        {
            Line(svg, $"""<line x1="{PlotLeft}" x2="{PlotLeft + PlotWidth}" y1="{Y(level):0.0}" y2="{Y(level):0.0}" stroke="#e3e6ee"/><text x="{PlotLeft - 5}" y="{Y(level) + 4:0.0}" text-anchor="end" fill="{Text}">{level:0.#}</text>""");
        }

        Line(svg, $"""<text x="{PlotLeft}" y="{PlotTop + PlotHeight + 15}" fill="{Text}">1</text><text x="{PlotLeft + PlotWidth}" y="{PlotTop + PlotHeight + 15}" text-anchor="end" fill="{Text}">{steps}</text>""");
        if (row.Shuffled is { } control)
        {
            Curve(svg, control.Rewards, steps, $"""stroke="{Control}" stroke-dasharray="4 3" """);
        }

        foreach (GalleryRun run in row.Runs)
        {
            Curve(svg, run.Rewards, steps, $"""stroke="{Seeds}" stroke-opacity="0.7" """);
        }
    }

    private static void Curve(StringBuilder svg, IReadOnlyList<double> rewards, int steps, string stroke)
    {
        string points = string.Join(' ', rewards.Select((reward, index) => string.Create(CultureInfo.InvariantCulture, $"{PlotLeft + ((double)PlotWidth * index / Math.Max(1, steps - 1)):0.0},{Y(reward):0.0}")));
        Line(svg, $"""<polyline points="{points}" fill="none" stroke-width="1.4" {stroke}/>""");
    }

    private static double Y(double reward) => PlotTop + (PlotHeight * (1 - Math.Clamp(reward, 0, 1)));

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
