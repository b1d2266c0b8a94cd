using System.Diagnostics;
using System.Globalization;
using System.Text;

using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Controls;

/// <summary>A run of the playground; a new object is a new run.</summary>
public sealed record PlaygroundRequest(IReadOnlyList<ChatMessage> Messages, PlaygroundSettings Settings, CancellationToken Stop);

/// <summary>One model's answer, as it streams.</summary>
public sealed partial class PlaygroundColumn : IDisposable
{
    // A token may come every few milliseconds; a person sees ten to twenty pictures a second, and each one is a message.
    private static readonly TimeSpan _betweenRenders = TimeSpan.FromMilliseconds(60);

    private readonly CancellationTokenSource _gone = new();
    private readonly StringBuilder _text = new();
    private PlaygroundRequest? _current;
    private ChatPiece? _last;
    private string? _failure;
    private bool _streaming;
    private bool _stopped;

    [Inject]
    public required IPlayground Playground { get; init; }

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required string SelectLabel { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<PlaygroundTarget> Targets { get; set; }

    /// <summary>Who answers; null where there is nobody to choose.</summary>
    [Parameter, EditorRequired]
    public string? TargetId { get; set; }

    [Parameter]
    public EventCallback<string?> TargetIdChanged { get; set; }

    /// <summary>What to answer.</summary>
    [Parameter, EditorRequired]
    public PlaygroundRequest? Request { get; set; }

    /// <summary>Raised when the answer is complete, stopped or failed.</summary>
    [Parameter]
    public EventCallback Ended { get; set; }

    private string Ending => (_last?.FinishReason, _stopped) switch
    {
        (_, true) => "stopped",
        ("length", _) => "token limit reached",
        ("stop", _) => "complete",
        _ => "",
    };

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (Request is null || ReferenceEquals(Request, _current) || TargetId is null)
        {
            return;
        }

        _current = Request;
        await StreamAsync(Request, TargetId);
    }

    private static string Speed(ChatPiece piece) => piece.Elapsed.TotalSeconds > 0
        ? (piece.TokenCount / piece.Elapsed.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture) + " tokens/s"
        : "";

    private async Task StreamAsync(PlaygroundRequest request, string target)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(request.Stop, _gone.Token);
        _text.Clear();
        (_last, _failure, _stopped, _streaming) = (null, null, false, true);
        long rendered = Stopwatch.GetTimestamp();
        try
        {
            await foreach (ChatPiece piece in Playground.StreamAsync(target, request.Messages, request.Settings, either.Token))
            {
                _text.Append(piece.Text);
                _last = piece;
                if (Stopwatch.GetElapsedTime(rendered) > _betweenRenders)
                {
                    rendered = Stopwatch.GetTimestamp();
                    StateHasChanged();
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            _stopped = true;
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        finally
        {
            _streaming = false;
        }

        if (!_gone.IsCancellationRequested)
        {
            await Ended.InvokeAsync();
        }
    }
}
