using System.Security.Cryptography;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;
using RftConsole.Training.Storage;
using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Jobs;

/// <summary>The adapter that a job's training goes on from.</summary>
/// <param name="Folder">Its folder in PEFT form.</param>
/// <param name="Shape">Rank, alpha and target layers: those of the job then.</param>
/// <param name="ReasoningEffort">What it was trained with.</param>
/// <param name="ContentHash">SHA-256 of its files: a part of the job's identity.</param>
internal sealed record InitialAdapter(string Folder, LoraShape Shape, ReasoningEffort ReasoningEffort, string ContentHash)
{
    /// <summary>Reads what a specification names; null where it names none.</summary>
    /// <exception cref="UserInputException">The folder holds no adapter that fits the model.</exception>
    public static async Task<InitialAdapter?> ReadAsync(JobSpecification job, LoadedModel model, ComputeThread compute, CancellationToken cancellationToken)
    {
        if (job.InitialAdapter is not { } folder)
        {
            return null;
        }

        try
        {
            string hash = string.Concat(((string[])[PeftAdapter.ConfigFile, PeftAdapter.WeightsFile]).Select(x => Hash(Path.Combine(folder, x))));
            return await compute.RunAsync(
                WorkPriority.Training,
                () =>
                {
                    using var adapter = PeftAdapter.Load(folder, model.Decoder.Config);
                    return new InitialAdapter(folder, adapter.Shape, adapter.ReasoningEffort, hash);
                },
                cancellationToken);
        }
        catch (Exception e) when (e is UserInputException or IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"initialAdapter: {e.Message}", e);
        }
    }

    /// <summary>The hyperparameters that the adapter decides.</summary>
    public Hyperparameters Resolve(Hyperparameters h) => h with
    {
        LoraRank = Shape.Rank,
        LoraAlpha = Shape.Alpha,
        LoraTargets = Shape.Targets,
        ReasoningEffort = h.ReasoningEffort == ReasoningEffort.Default ? ReasoningEffort : h.ReasoningEffort,
    };

    private static string Hash(string path)
    {
        using var stream = VaultFiles.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
