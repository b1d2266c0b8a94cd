using System.Security.Cryptography;
using System.Text.RegularExpressions;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Api.Chat;
using RftConsole.Web.Api.Graders;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Settings;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Api.Jobs;

/// <summary>A job as a caller wants it.</summary>
/// <param name="Specification">The same record as the wizard's.</param>
/// <param name="RewardVersionId">The version of the library that grades; null where it is none.</param>
/// <param name="Row">What the caller said beyond the specification; its job's id is still to be set.</param>
internal sealed record JobRequest(JobSpecification Specification, string? RewardVersionId, ApiJobRow Row);

/// <summary>Reads the call that makes a job.</summary>
internal sealed partial class JobRequestReader(IDataSets files, IBaseModels baseModels, ICustomModels models, GraderReader graders, GraderStart start, IHyperparameterDefaults defaults)
{
    private const string MethodPath = "method.reinforcement";

    /// <exception cref="ApiException">A parameter is missing or wrong.</exception>
    public async Task<JobRequest> ReadAsync(JsonPart body, CancellationToken cancellationToken)
    {
        (CatalogueModel model, CustomModel? initial, string asked) = await ModelAsync(body.Get("model"), cancellationToken);
        UploadedDataSet training = await FileAsync(body.Get("training_file"), cancellationToken);
        UploadedDataSet? validation = body.Find("validation_file") is { } given ? await FileAsync(given, cancellationToken) : null;
        string? suffix = body.Find("suffix")?.Text(64);
        long? seed = body.Find("seed")?.Integer(0);
        JsonPart method = body.Get("method").Object();
        JsonPart type = method.Get("type");
        if (type.Text() != "reinforcement")
        {
            throw ApiException.Invalid(type.Path, $"'{ApiException.Shorten(type.Text())}' is no method here; the only one is 'reinforcement'.", "unsupported_value");
        }

        JsonPart reinforcement = method.Get("reinforcement").Object();
        Hyperparameters standard = HyperparameterDefaults.Fit(await defaults.FindAsync(cancellationToken), model.Config!.ContextLength);
        Hyperparameters hyperparameters = HyperparameterReader.Read(reinforcement.Find("hyperparameters") ?? body.Find("hyperparameters"), model.Config!, training.Rows, seed, standard);
        JsonPart grader = reinforcement.Get("grader");
        TranslatedGrader reward = await graders.ReadAsync(grader, cancellationToken);
        await start.CheckAsync(reward, grader.Path, cancellationToken);
        // Random, because a caller that sends the same suffix again wants another job.
        string name = $"{Stem(suffix ?? model.Name + "-rft")}-{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 6)}";
        return new(
            new()
            {
                Name = name,
                CustomModelName = name,
                Tags = ChatCallReader.Metadata(body.Find("metadata")),
                BaseModel = model.Name,
                InitialAdapter = initial?.AdapterFolder,
                TrainingData = new() { File = training.File },
                ValidationData = validation is null ? null : new() { File = validation.File },
                RewardFunction = reward.Reward,
                Hyperparameters = hyperparameters,
            },
            reward.VersionId,
            new() { JobId = "", MethodJson = method.Value.GetRawText(), Suffix = suffix, AskedModel = asked == model.Name ? null : asked });
    }

    /// <summary>The caller's parameter for what the job service refuses.</summary>
    public static ApiException Explain(UserInputException refused)
    {
        string? field = (refused as FieldInputException)?.Field;
        const string hyperparameters = "hyperparameters.";
        return refused.Message.StartsWith(hyperparameters, StringComparison.Ordinal)
            ? ApiException.Invalid($"{MethodPath}.{hyperparameters}{OpenAiName(refused.Message[hyperparameters.Length..].Split(':')[0])}", refused.Message, "invalid_value")
            : ApiException.Invalid(
                field switch
                {
                    "name" or "customModelName" => "suffix",
                    "baseModel" => "model",
                    "trainingData" => "training_file",
                    "validationData" => "validation_file",
                    "rewardFunction" => MethodPath + ".grader",
                    "tags" => "metadata",
                    _ => field,
                },
                refused.Message);
    }

    private static string Stem(string text)
    {
        string stem = NotOfNames().Replace(text, "-").Trim('-', '_', '.');
        return stem.Length == 0 ? "job" : stem[..Math.Min(stem.Length, 40)];
    }

    private static string OpenAiName(string name) => name switch
    {
        "epochCount" => "n_epochs",
        "batchSize" => "batch_size",
        "learningRate" => "learning_rate_multiplier",
        "evalInterval" => "eval_interval",
        _ => name,
    };

    /// <summary>
    /// A base model, or a tuned one to go on from. The original's own models are not here: their names stand for the embedded model, unless one is registered under the name,
    /// and the job says so.
    /// </summary>
    private async Task<(CatalogueModel Model, CustomModel? Initial, string Asked)> ModelAsync(JsonPart given, CancellationToken cancellationToken)
    {
        string name = given.Text(256);
        CatalogueModel[] ready = [.. (await baseModels.ListAsync(cancellationToken)).Where(model => model is { Status: BaseModelStatus.Ready, Config: not null })];
        if (ready.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return (found, null, found.Name);
        }

        if ((await models.ListAsync(cancellationToken)).FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } tuned
            && ready.FirstOrDefault(model => model.Name == tuned.BaseModel) is { } its)
        {
            return (its, tuned, name);
        }

        return NameOfOriginal().IsMatch(name) && ready.FirstOrDefault(model => model.Embedded) is { } embedded
            ? (embedded, null, name)
            : throw new ApiException(StatusCodes.Status404NotFound, $"There is no base model '{ApiException.Shorten(name)}' here; there are {string.Join(", ", ready.Select(model => model.Name))}.", given.Path, "model_not_found");
    }

    private async Task<UploadedDataSet> FileAsync(JsonPart given, CancellationToken cancellationToken) =>
        await files.FindAsync(given.Text(256), cancellationToken) ?? throw ApiException.Invalid(given.Path, $"There is no file '{ApiException.Shorten(given.Text())}'; upload it with POST /v1/files first.", "file_not_found");

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex NotOfNames();

    /// <summary>As Amazon Bedrock writes the names of models: the provider, a dot, the model.</summary>
    [GeneratedRegex(@"^(?:openai|qwen|amazon|meta|mistral|anthropic|deepseek|google|moonshot|nvidia|minimax|cohere|ai21|zai)\.[A-Za-z0-9][\w.:-]*$")]
    private static partial Regex NameOfOriginal();
}
