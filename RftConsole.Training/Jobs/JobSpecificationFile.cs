using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using RftConsole.Training.Datasets.S3;

namespace RftConsole.Training.Jobs;

/// <summary>Reads and writes job.json. Unknown keys are errors that name the key.</summary>
public static class JobSpecificationFile
{
    /// <summary>How every file and row of the project writes a specification.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Reads a file; relative paths in it become absolute, relative to the file.</summary>
    /// <exception cref="UserInputException">The file is missing, is not JSON, or has an unknown or wrong key.</exception>
    public static JobSpecification Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserInputException($"{path}: the file does not exist");
        }

        return Resolve(Parse(File.ReadAllText(path), path), Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Reads a file that holds the object <c>rewardFunction</c> of a job file alone.</summary>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static RewardFunctionSpecification LoadReward(string path)
    {
        if (!File.Exists(path))
        {
            throw new UserInputException($"{path}: the file does not exist");
        }

        return Resolve(Read<RewardFunctionSpecification>(File.ReadAllText(path), path), Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <param name="json">The text.</param>
    /// <param name="name">What an error calls it.</param>
    /// <exception cref="UserInputException">The text is not JSON, or has an unknown or wrong key.</exception>
    public static JobSpecification Parse(string json, string name) => Read<JobSpecification>(json, name);

    public static string Serialize(JobSpecification specification) => JsonSerializer.Serialize(specification, Options);

    private static T Read<T>(string json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new UserInputException($"{name}: is null");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{name}{(e.Path is null ? "" : $", {e.Path.TrimStart('$', '.')}")}: {Reason(e.Message)}", e);
        }
    }

    /// <summary>The serializer's message without its path, which is given before it, and without the names of types.</summary>
    private static string Reason(string message)
    {
        int path = message.IndexOf(" Path: ", StringComparison.Ordinal);
        const string Missing = "missing required properties including: ";
        int missing = message.IndexOf(Missing, StringComparison.Ordinal);
        return missing >= 0 ? $"lacks {message[(missing + Missing.Length)..(path < 0 ? message.Length : path)].TrimEnd('.')}"
            : message.Contains("could not be mapped", StringComparison.Ordinal) ? "unknown key"
            : message.Contains("could not be converted", StringComparison.Ordinal) ? "a value of the wrong type"
            : message.StartsWith("Duplicate property", StringComparison.Ordinal) ? "a key stands twice: " + message.Split('\'')[1]
            : message.Contains("null", StringComparison.Ordinal) ? "must not be null"
            : path < 0 ? message : message[..path];
    }

    private static JobSpecification Resolve(JobSpecification job, string folder) => job with
    {
        BaseModel = Model(job.BaseModel, folder),
        InitialAdapter = Absolute(job.InitialAdapter, folder),
        TrainingData = job.TrainingData with
        {
            File = Absolute(job.TrainingData.File, folder),
            InvocationLogs = job.TrainingData.InvocationLogs is { } logs ? logs with { Path = S3Address.IsAddress(logs.Path) ? logs.Path : Absolute(logs.Path, folder)! } : null,
        },
        OutputData = job.OutputData is { } output ? output with { Path = Absolute(output.Path, folder) } : null,
        ValidationData = job.ValidationData is null ? null : job.ValidationData with { File = Absolute(job.ValidationData.File, folder) },
        RewardFunction = Resolve(job.RewardFunction, folder),
    };

    private static RewardFunctionSpecification Resolve(RewardFunctionSpecification reward, string folder) => reward with
    {
        File = Absolute(reward.File, folder),
        Requirements = Absolute(reward.Requirements, folder),
        JudgeModel = reward.JudgeModel is { Name: { } judge } ? new(Model(judge, folder)) : reward.JudgeModel,
        Parts = reward.Parts is null ? null : [.. reward.Parts.Select(part => part with { RewardFunction = Resolve(part.RewardFunction, folder) })],
    };

    /// <summary>A path as model is told from a registered name by the separator or by being there.</summary>
    private static string Model(string name, string folder) =>
        name.Contains('/', StringComparison.Ordinal) || Path.Exists(Path.Combine(folder, name)) ? Path.GetFullPath(name, folder) : name;

    private static string? Absolute(string? path, string folder) => path is null ? null : Path.GetFullPath(path, folder);
}
