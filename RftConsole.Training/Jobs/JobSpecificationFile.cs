using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

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

    /// <param name="json">The text.</param>
    /// <param name="name">What an error calls it.</param>
    /// <exception cref="UserInputException">The text is not JSON, or has an unknown or wrong key.</exception>
    public static JobSpecification Parse(string json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<JobSpecification>(json, Options) ?? throw new UserInputException($"{name}: is null");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{name}{(e.Path is null ? "" : $", {e.Path.TrimStart('$', '.')}")}: {Reason(e.Message)}", e);
        }
    }

    public static string Serialize(JobSpecification specification) => JsonSerializer.Serialize(specification, Options);

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

    private static JobSpecification Resolve(JobSpecification job, string folder)
    {
        return job with
        {
            BaseModel = Model(job.BaseModel),
            InitialAdapter = Absolute(job.InitialAdapter),
            TrainingData = job.TrainingData with
            {
                File = Absolute(job.TrainingData.File),
                InvocationLogs = job.TrainingData.InvocationLogs is { } logs ? logs with { Path = Absolute(logs.Path)! } : null,
            },
            ValidationData = job.ValidationData is null ? null : job.ValidationData with { File = Absolute(job.ValidationData.File) },
            RewardFunction = Reward(job.RewardFunction),
        };

        // A path as model is told from a registered name by the separator or by being there.
        string Model(string name) => name.Contains('/', StringComparison.Ordinal) || Path.Exists(Path.Combine(folder, name)) ? Path.GetFullPath(name, folder) : name;

        RewardFunctionSpecification Reward(RewardFunctionSpecification reward) => reward with
        {
            File = Absolute(reward.File),
            JudgeModel = reward.JudgeModel is { Name: { } judge } ? new(Model(judge)) : reward.JudgeModel,
            Parts = reward.Parts is null ? null : [.. reward.Parts.Select(part => part with { RewardFunction = Reward(part.RewardFunction) })],
        };

        string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path, folder);
    }
}
