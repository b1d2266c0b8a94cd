using System.Runtime.InteropServices;

using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

using RftConsole.Web.Components.Controls;

namespace RftConsole.Web.Components.Charts;

/// <summary>A step that is marked on the charts of a board.</summary>
public sealed record ChartMark(int Step, string Title);

/// <summary>
/// Live charts that share axis, zoom and cursor. The only component that knows the chart library: figures are rendered once, and data goes
/// to the browser by interop, each point once and packed.
/// </summary>
public sealed partial class ChartBoard : IAsyncDisposable
{
    private readonly string _id = "chart-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Dictionary<string, int> _sent = [];
    private ElementReference _root;
    private IJSObjectReference? _module;
    private IReadOnlyDictionary<string, MetricFeed> _listening = new Dictionary<string, MetricFeed>();
    private (double Smoothing, string Axis) _set;
    private IReadOnlyList<ChartMark> _marked = [];
    private string _defined = "";
    private bool _sending;
    private bool _sendAgain;
    private bool _disposed;

    [Inject]
    public required IJSRuntime JS { get; init; }

    /// <summary>What is shown, in order; ids are unique.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartDefinition> Charts { get; set; }

    /// <summary>Where points come from, by the prefix of the series' keys: "" for a board of one job.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyDictionary<string, MetricFeed> Feeds { get; set; }

    /// <summary>0 for values as they are, up to 0.99.</summary>
    [Parameter]
    public double Smoothing { get; set; }

    /// <summary><c>step</c> or <c>time</c>.</summary>
    [Parameter]
    public string Axis { get; set; } = "step";

    /// <summary>Marked steps.</summary>
    [Parameter]
    public IReadOnlyList<ChartMark> Marks { get; set; } = [];

    /// <summary>Zooms all charts: <c>in</c>, <c>out</c> or <c>reset</c>.</summary>
    public Task ZoomAsync(string way) => CallAsync("zoom", way);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Listen(new Dictionary<string, MetricFeed>());
        await _module.EndAsync("destroy", _root);
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => Ids() != _defined;

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        Listen(Feeds);
        if (_module is not null)
        {
            await UpdateAsync();
        }
    }

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            (_set, _defined) = ((Smoothing, Axis), Ids());
            _module = await JS.InvokeAsync<IJSObjectReference>("import", "./assets/charts.js");
            await CallAsync("create", Definitions(), new { smoothing = Smoothing, axis = Axis, texts = BoardTexts() });
            await UpdateAsync();
        }
        else if (_module is not null && Ids() != _defined)
        {
            _defined = Ids();
            await CallAsync("define", [Definitions()]);
            await SendAsync();
        }
    }

    private string Ids() => string.Join('\n', Charts.Select(chart => chart.Id));

    private string TitleId(ChartDefinition chart) => $"{_id}-{string.Concat(chart.Id.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-'))}";

    private object[] Definitions() =>
    [
        .. Charts.Select(chart => new
        {
            id = chart.Id,
            title = chart.Title,
            file = chart.Name,
            format = chart.Format.ToString().ToLowerInvariant(),
            series = chart.Series.Select(series => new { key = series.Metric, label = series.Label, name = series.Name, dashed = series.IsDashed }),
        }),
    ];

    /// <summary>What the script says; {0}, {1} … are places for values.</summary>
    private static object BoardTexts() => new
    {
        step = L["Step"],
        time = L["Time"],
        measured = L["{0}, as measured"],
        seconds = L["{0} s"],
        minutes = L["{0} min"],
        hours = L["{0} h"],
        empty = L["No values yet."],
        summary = L["{0}: {1} values, first {2}, latest {3} at step {4}, lowest {5}, highest {6}."],
        every = L["{0}: every {1}th of {2} steps; the CSV file has all."],
        all = L["{0}: all {1} steps."],
    };

    private void Listen(IReadOnlyDictionary<string, MetricFeed> feeds)
    {
        foreach (MetricFeed feed in _listening.Values.Except(feeds.Values))
        {
            feed.Added -= OnAdded;
        }

        foreach (MetricFeed feed in feeds.Values.Except(_listening.Values))
        {
            feed.Added += OnAdded;
        }

        _listening = feeds;
    }

    private void OnAdded() => _ = InvokeAsync(SendAsync);

    private async Task UpdateAsync()
    {
        if (_set != (Smoothing, Axis))
        {
            _set = (Smoothing, Axis);
            await CallAsync("set", new { smoothing = Smoothing, axis = Axis });
        }

        if (!_marked.SequenceEqual(Marks))
        {
            _marked = [.. Marks];
            await CallAsync("mark", [_marked]);
        }

        await SendAsync();
    }

    private async Task SendAsync()
    {
        if (_sending || _module is null)
        {
            _sendAgain = true;
            return;
        }

        _sending = true;
        try
        {
            do
            {
                _sendAgain = false;
                (List<string> names, List<int> counts, byte[] packed) = Fresh();
                if (names.Count > 0)
                {
                    await CallAsync("append", names, counts, packed);
                }
            }
            while (_sendAgain && !_disposed);
        }
        finally
        {
            _sending = false;
        }
    }

    /// <summary>Points that the browser does not have: of each series its steps, then its values.</summary>
    private (List<string> Names, List<int> Counts, byte[] Packed) Fresh()
    {
        (List<string> names, List<int> counts, MemoryStream packed) = ([], [], new());
        foreach ((string prefix, MetricFeed feed) in Feeds)
        {
            foreach (string metric in Charts.SelectMany(chart => chart.Series).Select(series => series.Metric).Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Append(prefix + Training.Jobs.MetricNames.StepTime).Distinct())
            {
                IReadOnlyList<MetricPoint> points = feed.Points(metric[prefix.Length..]);
                int sent = _sent.GetValueOrDefault(metric);
                if (points.Count == sent)
                {
                    continue;
                }

                names.Add(metric);
                counts.Add(points.Count - sent);
                packed.Write(MemoryMarshal.AsBytes<int>(points.Skip(sent).Select(point => point.Step).ToArray()));
                packed.Write(MemoryMarshal.AsBytes<double>(points.Skip(sent).Select(point => point.Value).ToArray()));
                _sent[metric] = points.Count;
            }
        }

        return (names, counts, packed.ToArray());
    }

    private async Task CallAsync(string function, params object[] arguments)
    {
        if (_module is null || _disposed)
        {
            return;
        }

        try
        {
            await _module.InvokeVoidAsync(function, [_root, .. arguments]);
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed; nobody looks at the charts any more.
        }
    }
}
