using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Text;
using RftConsole.Web.Operations;

namespace RftConsole.Web.Inference;

/// <summary>Too many requests wait already.</summary>
/// <param name="retryAfter">When to try again.</param>
internal sealed class InferenceBusyException(TimeSpan retryAfter) : UserInputException("Too many requests are being answered; try again shortly.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>An answer took too long.</summary>
internal sealed class InferenceTimeoutException(TimeSpan limit) : UserInputException($"The answer took longer than {limit.TotalSeconds:0} seconds and was ended.");

/// <summary>The console ends, and the answer with it.</summary>
internal sealed class InferenceStoppedException() : UserInputException("The console is stopping; ask again once it has started.");

/// <summary>Limits of the inference host.</summary>
/// <param name="MostRequests">Requests that are answered or wait at a time; further ones are turned away.</param>
/// <param name="Timeout">Longest time that one answer may take.</param>
internal sealed record InferenceLimits(int MostRequests, TimeSpan Timeout)
{
    public static InferenceLimits Default { get; } = new(256, TimeSpan.FromMinutes(10));
}

/// <summary>How an answer is to be made.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="MaxTokens">Most tokens of an answer.</param>
/// <param name="Temperature">0 is greedy.</param>
/// <param name="TopP">1 keeps the whole distribution.</param>
/// <param name="Seed">The same seed gives the same text.</param>
internal sealed record InferenceCall(IReadOnlyList<ChatMessage> Messages, int MaxTokens, double Temperature, double TopP, long Seed)
{
    public int Choices { get; init; } = 1;

    public IReadOnlyList<string> Stop { get; init; } = [];

    public int? LikeliestTokens { get; init; }

    /// <summary>OpenAI function tools for the chat template, or null.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>The caller gets the answer as it comes.</summary>
    public bool Streams { get; init; }

    /// <summary>Pairs that the caller gave along, kept in the log.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The one place where base models, tuned models and deployments answer, for the HTTP API and the playground alike: requests of many callers go into one batch, within
/// limits, are counted, and logged where the deployment says so.
/// </summary>
internal sealed class InferenceHost(IChatEngine engine, UsageMeter usage, InferenceMeter meter, InvocationLog log, InferenceLimits limits, GracefulStop stop, TimeProvider time)
{
    private int _requests;

    /// <summary>Requests that are answered or wait now.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The answer in pieces as they come. A caller that leaves ends it.</summary>
    /// <param name="model">Who answers.</param>
    /// <param name="call">What is asked.</param>
    /// <param name="caller">An API key's id, or another name of the caller.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <exception cref="InferenceBusyException">Too much waits.</exception>
    /// <exception cref="InferenceTimeoutException">It took too long.</exception>
    /// <exception cref="InferenceStoppedException">The console ends.</exception>
    /// <exception cref="UserInputException">The model or the conversation cannot be used.</exception>
    public async IAsyncEnumerable<ChatPiece> StreamAsync(ServedModel model, InferenceCall call, string caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (stop.Halting.IsCancellationRequested)
        {
            throw new InferenceStoppedException();
        }

        if (Interlocked.Increment(ref _requests) > limits.MostRequests)
        {
            Interlocked.Decrement(ref _requests);
            meter.Refused();
            throw new InferenceBusyException(TimeSpan.FromSeconds(1));
        }

        using CancellationTokenSource late = new(limits.Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token, stop.AnswersEnd);
        AnswerRecord answer = new(model, call, time.GetUtcNow());
        long start = time.GetTimestamp();
        meter.Began();
        try
        {
            await using IAsyncEnumerator<ChatPiece> pieces = engine.StreamAsync(Request(model, call), either.Token).GetAsyncEnumerator(either.Token);
            while (await NextAsync(pieces, late.Token, cancellationToken))
            {
                if (answer.CompletionTokens == 0)
                {
                    meter.Answers(time.GetElapsedTime(start));
                }

                answer.Add(pieces.Current);
                yield return pieces.Current;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
            meter.Ended(answer.Complete ? "completed" : cancellationToken.IsCancellationRequested ? "left" : "failed", time.GetElapsedTime(start), answer.PromptTokens, answer.CompletionTokens);
            usage.Add(caller, model.UsageKey, answer.PromptTokens, answer.CompletionTokens, failed: !answer.Complete && !cancellationToken.IsCancellationRequested);
            if (model.LoggedDeployment is { } deployment)
            {
                await log.WriteAsync(deployment, answer, caller, time.GetUtcNow());
            }
        }
    }

    private static ChatRequest Request(ServedModel model, InferenceCall call) => new(model.BaseModel, model.AdapterFolder, call.Messages, call.MaxTokens, call.Temperature, call.TopP, call.Seed)
    {
        Choices = call.Choices,
        Stop = call.Stop,
        LikeliestTokens = call.LikeliestTokens,
        Tools = call.Tools,
    };

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatPiece> pieces, CancellationToken late, CancellationToken caller)
    {
        try
        {
            return await pieces.MoveNextAsync();
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new InferenceTimeoutException(limits.Timeout);
        }
        catch (OperationCanceledException) when (stop.AnswersEnd.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new InferenceStoppedException();
        }
    }
}

/// <summary>What became of one call, for usage and log.</summary>
internal sealed class AnswerRecord(ServedModel model, InferenceCall call, DateTimeOffset startedAt)
{
    private readonly System.Text.StringBuilder[] _texts = [.. Enumerable.Range(0, call.Choices).Select(_ => new System.Text.StringBuilder())];
    private readonly string?[] _finishReasons = new string?[call.Choices];
    private readonly int[] _tokens = new int[call.Choices];

    public ServedModel Model { get; } = model;

    public InferenceCall Call { get; } = call;

    public DateTimeOffset StartedAt { get; } = startedAt;

    public int PromptTokens { get; private set; }

    public int CompletionTokens => _tokens.Sum();

    /// <summary>Whether every choice came to its end.</summary>
    public bool Complete => _finishReasons.All(reason => reason is not null);

    public void Add(ChatPiece piece)
    {
        _texts[piece.Choice].Append(piece.Text);
        _tokens[piece.Choice] = piece.TokenCount;
        _finishReasons[piece.Choice] = piece.FinishReason;
        PromptTokens = Math.Max(PromptTokens, piece.PromptTokens);
    }

    /// <summary>The answers in the form of a chat completion.</summary>
    public JsonArray Choices() =>
    [
        .. _texts.Select((text, index) => new JsonObject
        {
            ["index"] = index,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text.ToString() },
            ["finish_reason"] = _finishReasons[index],
        }),
    ];
}
