using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Api.Graders;

/// <summary>A grader to check, or to try on one response.</summary>
/// <param name="Grader">Of type <c>lambda</c>, <c>string_check</c>, <c>text_similarity</c>, <c>score_model</c>, <c>python</c> or <c>multi</c>.</param>
/// <param name="Item">The training record that was answered.</param>
/// <param name="ModelSample">The response.</param>
public sealed record GraderBody(
    [property: JsonPropertyName("grader")] JsonElement Grader,
    [property: JsonPropertyName("item")] JsonElement? Item,
    [property: JsonPropertyName("model_sample")] string? ModelSample);

/// <summary>The grader of a validation as it was understood.</summary>
public sealed record GraderReply([property: JsonPropertyName("grader")] JsonElement Grader);

/// <summary>What a grader said of one response.</summary>
public sealed record GraderRunReply(
    [property: JsonPropertyName("reward")] double Reward,
    [property: JsonPropertyName("sub_rewards")] IReadOnlyDictionary<string, double> SubRewards,
    [property: JsonPropertyName("metadata")] GraderRunMetadata Metadata,
    [property: JsonPropertyName("model_grader_token_usage_per_model")] IReadOnlyDictionary<string, int> ModelGraderTokenUsagePerModel);

/// <summary>How the run went.</summary>
public sealed record GraderRunMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("errors")] GraderRunErrors Errors,
    [property: JsonPropertyName("execution_time")] double ExecutionTime,
    [property: JsonPropertyName("scores")] IReadOnlyDictionary<string, double> Scores,
    [property: JsonPropertyName("token_usage")] int? TokenUsage,
    [property: JsonPropertyName("sampled_model_name")] string? SampledModelName);

/// <summary>Which of OpenAI's errors came, and the message of ours.</summary>
public sealed record GraderRunErrors(
    [property: JsonPropertyName("formula_parse_error")] bool FormulaParseError,
    [property: JsonPropertyName("invalid_variable_error")] bool InvalidVariableError,
    [property: JsonPropertyName("sample_parse_error")] bool SampleParseError,
    [property: JsonPropertyName("truncated_observation_error")] bool TruncatedObservationError,
    [property: JsonPropertyName("unresponsive_reward_error")] bool UnresponsiveRewardError,
    [property: JsonPropertyName("other_error")] bool OtherError,
    [property: JsonPropertyName("python_grader_runtime_error")] bool PythonGraderRuntimeError,
    [property: JsonPropertyName("python_grader_runtime_error_details")] string? PythonGraderRuntimeErrorDetails,
    [property: JsonPropertyName("python_grader_server_error")] bool PythonGraderServerError,
    [property: JsonPropertyName("python_grader_server_error_type")] string? PythonGraderServerErrorType,
    [property: JsonPropertyName("model_grader_parse_error")] bool ModelGraderParseError,
    [property: JsonPropertyName("model_grader_refusal_error")] bool ModelGraderRefusalError,
    [property: JsonPropertyName("model_grader_server_error")] bool ModelGraderServerError,
    [property: JsonPropertyName("model_grader_server_error_details")] string? ModelGraderServerErrorDetails);

/// <summary>A grader tried on one item, before a job is made with it.</summary>
internal static class GraderEndpoints
{
    private const string Address = "/fine_tuning/alpha/graders";

    /// <summary>Longest response that is graded.</summary>
    private const int LongestSample = 1 << 20;

    public static void MapGraders(this ApiRoutes routes)
    {
        routes.Post(Address + "/validate", ApiScopes.FineTuningRead, ValidateAsync, "Says whether a grader can be used.").WithMetadata(new ApiRequestBody(typeof(GraderBody))).Produces<GraderReply>();
        routes.Post(Address + "/run", ApiScopes.FineTuningWrite, RunAsync, "Grades one response to one item.").WithMetadata(new ApiRequestBody(typeof(GraderBody))).Produces<GraderRunReply>();
    }

    private static async Task<IResult> ValidateAsync(HttpContext http, GraderReader graders, GraderStart start)
    {
        JsonPart grader = (await ApiJson.ReadAsync(http.Request, http.RequestAborted)).Get("grader");
        await start.CheckAsync(await graders.ReadAsync(grader, http.RequestAborted), grader.Path, http.RequestAborted);
        return Results.Json(new GraderReply(grader.Value), ApiJson.Options);
    }

    private static async Task<IResult> RunAsync(HttpContext http, GraderReader graders, IRewardTrial trial)
    {
        JsonPart body = await ApiJson.ReadAsync(http.Request, http.RequestAborted);
        JsonPart grader = body.Get("grader");
        TranslatedGrader translated = await graders.ReadAsync(grader, http.RequestAborted);
        GradedExample example = new("", Item(body), body.Get("model_sample").Text() is { Length: <= LongestSample } sample ? sample : throw ApiException.Invalid("model_sample", $"'model_sample' has more than {LongestSample} characters."), 0);
        long start = Stopwatch.GetTimestamp();
        RewardResult result;
        try
        {
            result = (await trial.GradeAsync(translated.Reward, [example], http.RequestAborted))[0];
        }
        catch (UserInputException refused)
        {
            throw ApiException.Invalid(grader.Path, refused.Message, "invalid_grader");
        }
        catch (RewardInfrastructureException down)
        {
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, down.Message, grader.Path, "grader_unavailable");
        }

        return Results.Json(Reply(grader, result, Stopwatch.GetElapsedTime(start)), ApiJson.Options);
    }

    /// <summary>The item as a training record: <c>messages</c> and <c>reference_answer</c> mean there what they mean in a file.</summary>
    private static TrainingRecord Item(JsonPart body)
    {
        JsonObject item = body.Find("item") is { } given ? Node(given) : [];
        List<ChatMessage> messages = [];
        if (body.Find("item")?.Find("messages") is { } turns && item.Remove("messages"))
        {
            messages.AddRange(turns.Items().Select(turn => new ChatMessage(turn.Object().Get("role").Text(32), turn.Find("content")?.Text() ?? "")));
        }

        JsonNode? reference = item["reference_answer"];
        item.Remove("reference_answer");
        item.Remove("id");
        return new("item", messages, reference, item);
    }

    private static JsonObject Node(JsonPart item)
    {
        try
        {
            // A key that stands twice shows only when the members are read.
            JsonObject node = JsonObject.Create(item.Object().Value)!;
            return (JsonObject)node.DeepClone();
        }
        catch (Exception broken) when (broken is ArgumentException or InvalidOperationException)
        {
            throw ApiException.Invalid(item.Path, $"'{item.Path}' has a key twice, or an escape that is no character.");
        }
    }

    private static GraderRunReply Reply(JsonPart grader, RewardResult result, TimeSpan elapsed)
    {
        string type = grader.Get("type").Text();
        bool judge = type == "score_model";
        Dictionary<string, double> parts = result.Metrics.Where(metric => double.IsFinite(metric.Value)).GroupBy(metric => metric.Name).ToDictionary(group => group.Key, group => group.Last().Value);
        return new(
            double.IsFinite(result.Score) ? result.Score : 0,
            parts,
            new(
                grader.Find("name") is { Value.ValueKind: JsonValueKind.String } name ? name.Text() : type,
                type,
                new(false, false, false, false, false, result.Error is not null && type != "python", result.Error is not null && type == "python", type == "python" ? result.Error : null, false, null, result.Unjudged is not null, false, false, judge ? result.Unjudged : type == "python" ? null : result.Error),
                elapsed.TotalSeconds,
                parts,
                null,
                null),
            new Dictionary<string, int>());
    }
}
