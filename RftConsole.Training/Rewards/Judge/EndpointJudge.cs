using System.ClientModel;
using System.ClientModel.Primitives;

using OpenAI;
using OpenAI.Chat;

using RftConsole.Training.Jobs;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards.Remote;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// A model behind an OpenAI-compatible endpoint, by OpenAI's client. Requests and answers are read as JSON, because compatible servers differ from the original in what the
/// client's own types are strict about.
/// </summary>
public sealed class EndpointJudge : IJudge
{
    private readonly JudgeModel _model;
    private readonly string _field;
    private readonly string? _key;
    private readonly ChatClient _client;
    private readonly RemoteCalls _calls;
    private readonly EndpointDialect _dialect;
    private readonly Func<string, string, ValueTask> _warn;
    private readonly TimeProvider _clock;
    private volatile bool _answered;

    /// <param name="model">Where it is.</param>
    /// <param name="field">What errors call it, such as <c>rewardFunction.judgeModel</c>.</param>
    /// <param name="scoring">What is asked for.</param>
    /// <param name="limits">Limits of its calls.</param>
    /// <param name="services">Where the key is, and who hears warnings.</param>
    /// <param name="options">Retries and the clock.</param>
    /// <exception cref="UserInputException">The key is not set, or network isolation refuses the host.</exception>
    public EndpointJudge(JudgeModel model, string field, JudgeScoring scoring, JudgeLimits limits, RewardServices services, RewardOptions options)
    {
        (_model, _field, _warn, _clock) = (model, field, services.Warn, options.TimeProvider);
        _key = model.ApiKeyEnv is null ? null : services.Secret(model.ApiKeyEnv)?.Trim();
        if (model.ApiKeyEnv is not null && string.IsNullOrEmpty(_key))
        {
            throw new UserInputException($"{field}.apiKeyEnv: the environment variable {model.ApiKeyEnv} is not set.");
        }

        if (services.Network.Obstacle(HostPort.Of(new Uri(model.BaseUrl!))) is { } obstacle)
        {
            throw new UserInputException($"{field}.baseUrl: {obstacle}");
        }

        _dialect = new(model.Model!, scoring, limits.MaxTokens);
        _calls = new($"the judge {Name}", new(limits.Concurrency, TimeSpan.FromSeconds(limits.TimeoutSeconds), limits.RequestsPerMinute, limits.CallBudget), options);
        OpenAIClientOptions client = new()
        {
            Endpoint = new(model.BaseUrl!),
            Transport = new HttpClientPipelineTransport(services.Network.Client(Callers.Judge)),
            // Retries and time limits are those of all remote calls.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            ClientLoggingOptions = new() { EnableLogging = false },
        };
        if (_key is null)
        {
            client.AddPolicy(new NoAuthorization(), PipelinePosition.BeforeTransport);
        }

        _client = new(model.Model!, new ApiKeyCredential(_key ?? "none"), client);
    }

    /// <inheritdoc/>
    public string Name => $"{_model.Model} at {new Uri(_model.BaseUrl!).Authority}";

    /// <summary>The model and what it is asked for; an endpoint may move between two runs of a job, and a key may change.</summary>
    public string Identity => $"{_model.Model} {_dialect.MaxTokens}";

    /// <inheritdoc/>
    public async Task AskAsync(IReadOnlyList<JudgeQuestion> questions, Action<int, JudgeAnswer> onAnswer, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.RunAsync(questions, CallAsync, onAnswer, cancellationToken);
        }
        finally
        {
            if (_calls.TakeWarning() is { } warning)
            {
                await _warn("judge-budget", warning);
            }
        }
    }

    /// <summary>Connections are shared by all judges of the job.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<JudgeAnswer> CallAsync(JudgeQuestion question, CancellationToken cancellationToken)
    {
        while (true)
        {
            EndpointDialect.Request request = _dialect.Write(question);
            using PipelineResponse response = await SendAsync(request.Body, cancellationToken);
            if (response.Status is >= 200 and < 300)
            {
                JudgeAnswer answer = _dialect.Read(response.Content) ?? throw new TransientCallException($"the answer is no chat completion: {Excerpt(response)}");
                _answered = true;
                return answer;
            }

            if (response.Status is 400 or 422 && _dialect.Adapt(request, response.Content.ToString()))
            {
                continue;
            }

            return Refused(response);
        }
    }

    private async Task<PipelineResponse> SendAsync(BinaryData body, CancellationToken cancellationToken)
    {
        try
        {
            using BinaryContent content = BinaryContent.Create(body);
            ClientResult result = await _client.CompleteChatAsync(content, new RequestOptions { CancellationToken = cancellationToken, ErrorOptions = ClientErrorBehaviors.NoThrow });
            return result.GetRawResponse();
        }
        catch (ClientResultException error) when (error.Status == 0)
        {
            throw new TransientCallException(Redact((error.InnerException ?? error).Message.TrimEnd('.')), null, error);
        }
    }

    /// <summary>What an error response means: try again, the user's mistake, or no verdict on this one question.</summary>
    private JudgeAnswer Refused(PipelineResponse response)
    {
        string said = $"{response.Status}: {Excerpt(response)}";
        switch (response.Status)
        {
            case 408 or 409 or 425 or 429 or >= 500:
                throw new TransientCallException($"it answers {said}", RetryAfter.Read(response.Headers.TryGetValue("Retry-After", out string? value) ? value : null, _clock));
            case 401 or 403:
                throw Mistake(_model.ApiKeyEnv is null ? "" : ".apiKeyEnv", $"{Name} refuses {(_model.ApiKeyEnv is null ? "a call without a key (apiKeyEnv names the variable that holds one)" : $"the key in {_model.ApiKeyEnv}")} with {said}");
            case 404 or 405 or (>= 300 and < 400):
                throw Mistake("", $"there is no model {_model.Model} at {new Uri(_model.BaseUrl!).GetLeftPart(UriPartial.Path)}, which answers {said}");
            default:
                // After answers to other questions, it is this one that it does not take: too long, or filtered.
                return _answered ? new("", Refusal: $"the judge refuses the question with {said}") : throw Mistake("", $"{Name} refuses the call with {said}");
        }
    }

    /// <summary>Before the first answer, a mistake in the job file; after it, something that has happened to the endpoint, which a job can wait for.</summary>
    private Exception Mistake(string key, string message) => _answered ? new RewardInfrastructureException(message) : new UserInputException($"{_field}{key}: {message}");

    private string Excerpt(PipelineResponse response)
    {
        string text = EndpointDialect.ErrorMessage(response.Content) ?? response.Content.ToString().ReplaceLineEndings(" ").Trim();
        text = text.Length == 0 ? response.ReasonPhrase : text;
        return Redact(text.Length <= 300 ? text : text[..300] + "…");
    }

    /// <summary>Some servers repeat the key that they refuse.</summary>
    private string Redact(string text) => _key is { Length: > 0 } key ? text.Replace(key, "***", StringComparison.Ordinal) : text;

    /// <summary>An endpoint without a key gets none, not even an invented one.</summary>
    private sealed class NoAuthorization : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Remove("Authorization");
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
