using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Settings;

/// <summary>What the wizard begins with, and what the API takes for whatever a caller does not give. Job files and the commands keep the engine's own defaults.</summary>
public interface IHyperparameterDefaults
{
    /// <summary>The defaults; a null stays for each job to fit.</summary>
    Task<Hyperparameters> FindAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps them for jobs to come.</summary>
    /// <exception cref="UserInputException">A value lies outside its range; the message names the field.</exception>
    Task SetAsync(Hyperparameters defaults, CancellationToken cancellationToken = default);
}

/// <summary>Keeps only what differs from the engine's defaults, so that those of a later version reach whoever did not choose.</summary>
internal sealed class HyperparameterDefaults(SettingStore settings) : IHyperparameterDefaults
{
    private const string Key = "defaults.hyperparameters";

    private static readonly JsonObject s_own = ToJson(new());

    public async Task<Hyperparameters> FindAsync(CancellationToken cancellationToken = default)
    {
        if (await settings.FindAsync(Key, cancellationToken) is not { } kept)
        {
            return new();
        }

        try
        {
            return JsonSerializer.Deserialize<Hyperparameters>(kept, JobSpecificationFile.Options) ?? new();
        }
        catch (JsonException)
        {
            // Of another version, which knew other names.
            return new();
        }
    }

    public async Task SetAsync(Hyperparameters defaults, CancellationToken cancellationToken = default)
    {
        // No model is meant here: its context is looked at once there is a job.
        HyperparameterRules.Check(defaults, int.MaxValue);
        JsonObject chosen = ToJson(defaults);
        foreach (string name in chosen.Select(entry => entry.Key).ToArray())
        {
            if (JsonNode.DeepEquals(chosen[name], s_own[name]))
            {
                chosen.Remove(name);
            }
        }

        await settings.SetAsync(Key, chosen.Count == 0 ? null : chosen.ToJsonString(), cancellationToken);
    }

    /// <summary>Lengths that are longer than a model's context are cut to it: nobody gave them for this model.</summary>
    public static Hyperparameters Fit(Hyperparameters defaults, int contextLength) => defaults with
    {
        MaxPromptLength = defaults.MaxPromptLength is { } prompt ? Math.Min(prompt, contextLength) : null,
        InferenceMaxTokens = defaults.InferenceMaxTokens is { } tokens ? Math.Min(tokens, contextLength) : null,
    };

    private static JsonObject ToJson(Hyperparameters hyperparameters) => JsonSerializer.SerializeToNode(hyperparameters, JobSpecificationFile.Options)!.AsObject();
}
