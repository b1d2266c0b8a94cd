using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

using Polly;
using Polly.Retry;

using RftConsole.Training.Network;

namespace RftConsole.Web.Notifications;

/// <summary>
/// Posts events. A redirect is not followed: it would take names of jobs to a place that nobody entered. No connection, a time-out, throttling and faults of the server
/// are tried again with exponential back-off, or after the time that the receiver asks for; any other answer is final.
/// </summary>
internal sealed class WebhookClient(TimeProvider time)
{
    /// <summary>Of one try.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(5);

    private readonly ResiliencePipeline _retries = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<DeliveryException>(failed => failed.IsTransient),
            MaxRetryAttempts = MostTries - 1,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(2),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as DeliveryException)?.RetryAfter is { } wait ? wait < s_longestWait ? wait : s_longestWait : (TimeSpan?)null),
        })
        .Build();

    /// <summary>Waits between them are 2, 4, 8, 16, 32 and 64 seconds.</summary>
    public const int MostTries = 7;

    /// <summary>Delivers an event, with as many tries as it takes or is worth.</summary>
    public Task<WebhookResult> DeliverAsync(WebhookTarget target, WebhookMessage message, CancellationToken cancellationToken) => DeliverAsync(target, message, _retries, cancellationToken);

    /// <summary>Tries once.</summary>
    public Task<WebhookResult> TryAsync(WebhookTarget target, WebhookMessage message, CancellationToken cancellationToken) => DeliverAsync(target, message, ResiliencePipeline.Empty, cancellationToken);

    private async Task<WebhookResult> DeliverAsync(WebhookTarget target, WebhookMessage message, ResiliencePipeline pipeline, CancellationToken cancellationToken)
    {
        byte[] body = message.Body();
        int tries = 0;
        try
        {
            string answer = await pipeline.ExecuteAsync(
                async token =>
                {
                    tries++;
                    return await PostAsync(target, message, body, token);
                },
                cancellationToken);
            return new(time.GetUtcNow(), message.Type, true, answer, tries);
        }
        catch (DeliveryException failed)
        {
            return new(time.GetUtcNow(), message.Type, false, failed.Message, tries);
        }
    }

    private async Task<string> PostAsync(WebhookTarget target, WebhookMessage message, byte[] body, CancellationToken cancellationToken)
    {
        // Of each try: receivers refuse old signatures.
        long timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        using HttpRequestMessage request = new(HttpMethod.Post, target.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.ParseAdd("RftConsole");
        request.Headers.Add(WebhookMessage.IdHeader, message.Id);
        request.Headers.Add(WebhookMessage.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        if (target.Secret is { } secret)
        {
            request.Headers.Add(WebhookMessage.SignatureHeader, WebhookMessage.Sign(secret, message.Id, timestamp, body));
        }

        using CancellationTokenSource limit = new(s_limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using HttpResponseMessage answer = await OutboundPolicy.Unrestricted.Client(Callers.Webhook).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            string told = string.Create(CultureInfo.InvariantCulture, $"it answered {(int)answer.StatusCode} {answer.ReasonPhrase}").TrimEnd();
            return answer.IsSuccessStatusCode ? told
                : throw new DeliveryException((int)answer.StatusCode is >= 300 and < 400 ? told + ", and redirects are not followed" : told, IsTransient(answer.StatusCode), RetryAfter(answer.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryException(string.Create(CultureInfo.InvariantCulture, $"no answer within {s_limit.TotalSeconds:0} s"), isTransient: true);
        }
        catch (HttpRequestException failed)
        {
            throw new DeliveryException(failed.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.'), isTransient: true);
        }
    }

    private static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked) => asked switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };

    private sealed class DeliveryException(string message, bool isTransient, TimeSpan? retryAfter = null) : Exception(message)
    {
        public bool IsTransient { get; } = isTransient;

        public TimeSpan? RetryAfter { get; } = retryAfter;
    }
}
