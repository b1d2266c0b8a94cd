using System.Security.Cryptography;

using RftConsole.Training.Datasets;
using RftConsole.Training.Models;
using RftConsole.Training.Starter;
using RftConsole.Training.Storage;
using RftConsole.Training.Text;

namespace RftConsole.Training.Jobs;

/// <summary>A job's prompts, ready to train on.</summary>
/// <param name="Training">Prompts to train on.</param>
/// <param name="Validation">Prompts held out.</param>
/// <param name="Dropped">Prompts longer than the limit.</param>
/// <param name="Rejected">Lines that are no training records.</param>
/// <param name="ContentHash">SHA-256 of the files: a part of the job's identity.</param>
public sealed record JobData(
    IReadOnlyList<EncodedPrompt> Training,
    IReadOnlyList<EncodedPrompt> Validation,
    IReadOnlyList<DroppedPrompt> Dropped,
    IReadOnlyList<RejectedLine> Rejected,
    string ContentHash);

/// <summary>The records of a job, before they are encoded.</summary>
public sealed record JobRecords(IReadOnlyList<TrainingRecord> Training, IReadOnlyList<TrainingRecord> Validation, IReadOnlyList<RejectedLine> Rejected, IReadOnlyList<string> Warnings, string ContentHash)
{
    /// <summary>Reads the files that a specification names, and holds out validation rows.</summary>
    /// <exception cref="UserInputException">A source is missing, or no record of it can be used.</exception>
    public static JobRecords Read(JobSpecification job)
    {
        string path = TrainingFile(job.TrainingData);
        var training = Report(path, "trainingData");
        string hash = Hash(path);
        if (job.ValidationData?.File is { } file)
        {
            var validation = Report(file, "validationData");
            return new(training.Accepted, validation.Accepted, [.. training.Rejected, .. validation.Rejected], [.. training.Warnings, .. validation.Warnings, .. new[] { training.OverlapWith(validation) }.OfType<string>()], hash + Hash(file));
        }

        double share = job.ValidationData is { } source
            ? source.Share ?? throw new UserInputException("validationData: either file or share must be given")
            : 0.1;
        if (!(share > 0 && share < 1))
        {
            throw new UserInputException($"validationData.share: {share} is outside 0 to 1");
        }

        var (train, held) = HeldOut.Split(training.Accepted, share, (ulong)job.Hyperparameters.Seed);
        return new(train, held, training.Rejected, training.Warnings, hash);
    }

    /// <summary>Tokenises the prompts and drops those that are too long.</summary>
    /// <exception cref="UserInputException">No training prompt is left.</exception>
    public JobData Encode(LoadedModel model, int maxPromptLength, ReasoningEffort effort = default)
    {
        var variables = effort.TemplateVariables();
        // A prompt that fills the context leaves no room for an answer.
        int limit = Math.Min(maxPromptLength, model.Decoder.Config.ContextLength - 1);
        var training = PromptEncoder.Encode(Training, model.Tokenizer, model.ChatTemplate, limit, variables);
        var validation = PromptEncoder.Encode(Validation, model.Tokenizer, model.ChatTemplate, limit, variables);
        return training.Prompts.Count > 0
            ? new(training.Prompts, validation.Prompts, [.. training.Dropped, .. validation.Dropped], Rejected, ContentHash)
            : throw new UserInputException($"trainingData: each of the {Training.Count} prompts is longer than {limit} tokens (maxPromptLength, and room for an answer in the model's context)");
    }

    private static string TrainingFile(TrainingDataSource source) => source switch
    {
        { File: { } file, SampleData: null, InvocationLogs: null, S3Uri: null } => file,
        { File: null, SampleData: { } name, InvocationLogs: null, S3Uri: null } => (SampleDataSets.All.FirstOrDefault(x => x.Name == name)
            ?? throw new UserInputException($"trainingData.sampleData: \"{name}\" is none of {string.Join(", ", SampleDataSets.All.Select(x => x.Name))}")).TrainingFile,
        _ => throw new UserInputException("trainingData: exactly one of file, s3Uri, sampleData and invocationLogs must be given"),
    };

    private static DatasetReport Report(string path, string field)
    {
        if (!File.Exists(path))
        {
            throw new UserInputException($"{field}: {path} does not exist");
        }

        var report = TrainingRecordReader.Read(path);
        string first = report.Rejected.Count > 0 ? $"; line {report.Rejected[0].Line}: {report.Rejected[0].Reason}" : "";
        return report.Accepted.Count > 0 ? report : throw new UserInputException($"{field}: {path} holds no usable record{first}");
    }

    private static string Hash(string path)
    {
        using var stream = VaultFiles.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
