using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace RftConsole.Web.Components.Controls;

/// <summary>
/// A live chart. The only place that knows the chart library: markup is rendered once, and data goes to the browser by interop,
/// each point once.
/// </summary>
public sealed partial class MetricChart : IAsyncDisposable
{
    private readonly string _titleId = "chart-" + Guid.NewGuid().ToString("N");
    private ElementReference _figure;
    private IJSObjectReference? _module;
    private int[] _sent = [];
    private bool _sending;
    private bool _sendAgain;
    private bool _disposed;

    [Inject]
    public required IJSRuntime JS { get; init; }

    /// <summary>What it shows.</summary>
    [Parameter, EditorRequired]
    public required ChartDefinition Chart { get; set; }

    /// <summary>Where its points come from.</summary>
    [Parameter, EditorRequired]
    public required MetricFeed Feed { get; set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Feed.Added -= OnAdded;
        if (_module is null)
        {
            return;
        }

        try
        {
            await _module.InvokeVoidAsync("destroy", _figure);
            await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed, and its charts went with it.
        }
    }

    /// <inheritdoc />
    protected override bool ShouldRender() => _module is null;

    /// <inheritdoc />
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _sent = new int[Chart.Series.Count];
        _module = await JS.InvokeAsync<IJSObjectReference>("import", "./assets/charts.js");
        if (_disposed)
        {
            return;
        }

        await _module.InvokeVoidAsync("create", _figure, Chart.Series.Select(series => series.Label), Chart.Format.ToString().ToLowerInvariant());
        Feed.Added += OnAdded;
        await SendAsync();
    }

    private void OnAdded() => _ = InvokeAsync(SendAsync);

    private async Task SendAsync()
    {
        if (_sending)
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
                double[][][] fresh = [.. Chart.Series.Select((series, index) => Take(index, Feed.Points(series.Metric)))];
                if (!_disposed && fresh.Any(points => points.Length > 0))
                {
                    await _module!.InvokeVoidAsync("append", _figure, fresh);
                }
            }
            while (_sendAgain && !_disposed);
        }
        catch (JSDisconnectedException)
        {
            // The tab is closed; nobody looks at the chart any more.
        }
        finally
        {
            _sending = false;
        }
    }

    private double[][] Take(int series, IReadOnlyList<MetricPoint> points)
    {
        double[][] fresh = [.. points.Skip(_sent[series]).Select(point => new[] { point.Step, point.Value })];
        _sent[series] = points.Count;
        return fresh;
    }
}
