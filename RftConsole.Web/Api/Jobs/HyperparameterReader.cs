using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Text;

namespace RftConsole.Web.Api.Jobs;

/// <summary>Reads a job's hyperparameters by OpenAI's names and by those of job.json. <c>auto</c> is the default in each.</summary>
internal static class HyperparameterReader
{
    /// <summary>Answers a prompt at a compute multiplier of 1.</summary>
    private static readonly int s_samples = new Hyperparameters().TrainingSamplePerPrompt;

    /// <summary>Whose names are the same in job.json, in its writing; read by the same code as a job file's.</summary>
    private static readonly string[] s_ownNames = [.. typeof(Hyperparameters).GetProperties().Where(property => property.CanWrite).Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];

    /// <param name="given">The object; null where the caller says nothing.</param>
    /// <param name="config">The base model's shape.</param>
    /// <param name="rows">Training records.</param>
    /// <param name="seed">The job's seed; null for the default.</param>
    /// <param name="defaults">The console's defaults, for whatever is not given.</param>
    /// <exception cref="ApiException">A value is wrong.</exception>
    public static Hyperparameters Read(JsonPart? given, DecoderConfig config, int rows, long? seed, Hyperparameters defaults)
    {
        Hyperparameters own = given is { } part ? Own(part.Object(), defaults) : defaults;
        own = seed is { } number ? own with { Seed = number } : own;
        if (given is not { } names)
        {
            return own;
        }

        double? multiplier = Find(names, "learning_rate_multiplier")?.Number(1e-6, 1e6);
        double? compute = Find(names, "compute_multiplier")?.Number(0.01, 100);
        Find(names, "eval_samples")?.Integer(1, 1000);
        return own with
        {
            EpochCount = (int?)Find(names, "n_epochs")?.Integer(1, 50) ?? own.EpochCount,
            BatchSize = (int?)Find(names, "batch_size")?.Integer(1, 512) ?? own.BatchSize,
            EvalInterval = (int?)Find(names, "eval_interval")?.Integer(1, 100) ?? own.EvalInterval,
            LearningRate = multiplier is null ? own.LearningRate : multiplier * HyperparameterRules.Resolve(new(), config, rows).LearningRate,
            TrainingSamplePerPrompt = compute is null ? own.TrainingSamplePerPrompt : (int)Math.Clamp(Math.Round(compute.Value * s_samples), 2, 64),
            ReasoningEffort = Find(names, "reasoning_effort") is { } effort ? Effort(effort) : own.ReasoningEffort,
        };
    }

    /// <summary>What a job object shows of them, by OpenAI's names.</summary>
    public static JsonObject Write(Hyperparameters hyperparameters, double? multiplier) => new()
    {
        ["n_epochs"] = hyperparameters.EpochCount,
        ["batch_size"] = hyperparameters.BatchSize is { } size ? size : "auto",
        ["learning_rate_multiplier"] = multiplier is { } times ? times : "auto",
        ["eval_interval"] = hyperparameters.EvalInterval is { } interval ? interval : "auto",
    };

    private static JsonPart? Find(JsonPart given, string name) =>
        given.Find(name) is { } part && !(part.Value.ValueKind == JsonValueKind.String && part.Value.ValueEquals("auto")) ? part : null;

    private static ReasoningEffort Effort(JsonPart given) => given.Text() switch
    {
        "default" or "auto" => ReasoningEffort.Default,
        var text when Enum.TryParse(text, ignoreCase: true, out ReasoningEffort effort) && Enum.IsDefined(effort) && !char.IsDigit(text[0]) => effort,
        var text => throw ApiException.Invalid(given.Path, $"'{ApiException.Shorten(text)}' is no reasoning effort; use one of {string.Join(", ", Enum.GetNames<ReasoningEffort>().Select(name => name.ToLowerInvariant()))}.", "invalid_value"),
    };

    private static Hyperparameters Own(JsonPart given, Hyperparameters defaults)
    {
        JsonObject known = JsonSerializer.SerializeToNode(defaults, JobSpecificationFile.Options)!.AsObject();
        foreach ((string name, JsonPart part) in given.Members())
        {
            if (s_ownNames.Contains(name) && part.Value.ValueKind != JsonValueKind.Null && !(part.Value.ValueKind == JsonValueKind.String && part.Value.ValueEquals("auto")))
            {
                known[name] = JsonSerializer.SerializeToNode(part.Value);
            }
        }

        try
        {
            return known.Deserialize<Hyperparameters>(JobSpecificationFile.Options)!;
        }
        catch (JsonException wrong)
        {
            string path = given.PathOf(wrong.Path?.TrimStart('$', '.').Split('[')[0] ?? "");
            throw ApiException.Invalid(path, $"'{path}' has a value of the wrong type.", "invalid_type");
        }
    }
}
