using Microsoft.AspNetCore.Components;

using RftConsole.Training.Starter;
using RftConsole.Training.Text;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Pages;

/// <summary>Base and tuned side by side. Which two stands in the address.</summary>
public sealed partial class PlaygroundPage
{
    private IReadOnlyList<PlaygroundTarget>? _targets;
    private string _prompt = "";
    private string? _promptError;
    private string? _instructions;
    private string? _reference;
    private string? _samplePrompt;
    private double _temperature;
    private int _maxTokens = 128;
    private double _topP = 1;
    private long _seed = 42;
    private int _sample = -1;
    private int _running;
    private CancellationTokenSource? _run;
    private PlaygroundRequest? _baseRequest;
    private PlaygroundRequest? _tunedRequest;

    [Inject]
    public required IPlayground Playground { get; init; }

    [Inject]
    public required IDeployments Deployments { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromQuery(Name = "base")]
    public string? BaseQuery { get; set; }

    [SupplyParameterFromQuery(Name = "tuned")]
    public string? TunedQuery { get; set; }

    private bool Running => _running > 0;

    private string? TunedTarget => Known(TunedQuery) ?? _targets?.FirstOrDefault(target => target.Id.StartsWith("deployment:", StringComparison.Ordinal))?.Id;

    /// <summary>The address' choice, or the model that the tuned one came from.</summary>
    private string? BaseTarget => Known(BaseQuery) ?? Known("base:" + _targets?.FirstOrDefault(target => target.Id == TunedTarget)?.BaseModel) ?? _targets?.FirstOrDefault()?.Id;

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [Deployments.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken) => _targets = await Playground.TargetsAsync(cancellationToken);

    /// <inheritdoc />
    protected override void OnDisposed()
    {
        _run?.Cancel();
        _run?.Dispose();
    }

    private string? Known(string? id) => _targets?.FirstOrDefault(target => target.Id == id)?.Id;

    private void Choose(string? baseId, string? tunedId) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["base"] = baseId, ["tuned"] = tunedId }), replace: true);

    private void Run()
    {
        if (string.IsNullOrWhiteSpace(_prompt))
        {
            _promptError = "Enter a prompt, or take a sample.";
            return;
        }

        _promptError = null;
        if (_prompt != _samplePrompt)
        {
            _reference = null;
        }

        _run?.Dispose();
        _run = new CancellationTokenSource();
        List<ChatMessage> messages = _instructions is null ? [] : [new ChatMessage("system", _instructions)];
        messages.Add(new ChatMessage("user", _prompt));
        PlaygroundSettings settings = new(_temperature, _maxTokens, _topP, _seed);
        // Both are made before either starts: a column may end before the other has begun.
        _running = TunedTarget is null ? 1 : 2;
        _baseRequest = new PlaygroundRequest(messages, settings, _run.Token);
        _tunedRequest = TunedTarget is null ? null : new PlaygroundRequest(messages, settings, _run.Token);
    }

    private void Stop() => _run?.Cancel();

    private void OnColumnEnded() => _running = Math.Max(0, _running - 1);

    private void TakeSample()
    {
        foreach (SampleDataSet set in SampleDataSets.All)
        {
            _sample++;
            IReadOnlyList<SampleRecord> records = SampleRecords.Read(set.TestFile, _sample, 1);
            if (records.Count == 0)
            {
                _sample = 0;
                records = SampleRecords.Read(set.TestFile, 0, 1);
            }

            if (records.Count > 0)
            {
                (_prompt, _reference, _instructions) = (records[0].Prompt, records[0].Reference, records[0].Instructions);
                (_samplePrompt, _promptError) = (_prompt, null);
                return;
            }
        }

        _promptError = "The sample test file is missing. Build the console again.";
    }
}
