using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Storage;
using RftConsole.Training.Weights;

namespace RftConsole.Web.Jobs;

/// <summary>Copies the files that a job reads into its folder: a queued or resumed job must not depend on what happens to the originals.</summary>
internal static class JobInputs
{
    /// <summary>The specification with its paths pointing at the copies.</summary>
    /// <exception cref="UserInputException">A file cannot be read.</exception>
    public static JobSpecification Keep(JobSpecification specification, string jobFolder) => specification with
    {
        InitialAdapter = CopyAdapter(specification.InitialAdapter, jobFolder),
        TrainingData = specification.TrainingData with { File = Copy(specification.TrainingData.File, jobFolder, "training", "Training data", VaultFiles.Copy) },
        ValidationData = specification.ValidationData is { } validation ? validation with { File = Copy(validation.File, jobFolder, "validation", "Validation data", VaultFiles.Copy) } : null,
        RewardFunction = Keep(specification.RewardFunction, jobFolder, "reward"),
    };

    private static RewardFunctionSpecification Keep(RewardFunctionSpecification reward, string jobFolder, string role) => reward with
    {
        File = Copy(reward.File, jobFolder, role, "Reward function", CopyPlain),
        Requirements = Copy(reward.Requirements, jobFolder, role, "Reward function", CopyPlain),
        Parts = reward.Parts is null ? null : [.. reward.Parts.Select((part, index) => part with { RewardFunction = Keep(part.RewardFunction, jobFolder, $"{role}-{index + 1}") })],
    };

    private static string? CopyAdapter(string? folder, string jobFolder)
    {
        if (folder is null)
        {
            return null;
        }

        foreach (string name in (string[])[PeftAdapter.ConfigFile, PeftAdapter.WeightsFile])
        {
            Copy(Path.Combine(folder, name), jobFolder, "adapter", "Base model", VaultFiles.Copy);
        }

        return Path.Combine(jobFolder, "inputs", "adapter");
    }

    /// <summary>Code is no data: the sandbox and pip read it as it is.</summary>
    private static void CopyPlain(string file, string target) => File.Copy(file, target, overwrite: true);

    private static string? Copy(string? file, string jobFolder, string role, string field, Action<string, string> copy)
    {
        if (file is null)
        {
            return null;
        }

        string folder = Path.Combine(jobFolder, "inputs", role);
        string target = Path.Combine(folder, Path.GetFileName(file));
        try
        {
            Directory.CreateDirectory(folder);
            copy(file, target);
            return target;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{field}: {file} cannot be copied into the job's folder ({problem.Message.ReplaceLineEndings(" ")}).", problem);
        }
    }
}
