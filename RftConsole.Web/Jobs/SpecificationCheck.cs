using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Rewards;
using RftConsole.Training.Starter;
using RftConsole.Training.Weights;

namespace RftConsole.Web.Jobs;

/// <summary>What can be said about a job before it is queued, without loading a model: names, files, ranges.</summary>
internal static class SpecificationCheck
{
    private const int LongestName = 63;
    private const int MostTags = 50;

    /// <summary>The specification with its custom model name filled in.</summary>
    /// <param name="specification">As its author wrote it.</param>
    /// <param name="names">Registered base models.</param>
    /// <exception cref="UserInputException">A field cannot be used; the message begins with the field's label, or its name in job files.</exception>
    public static JobSpecification Complete(JobSpecification specification, IModelNames names)
    {
        RequireName("name", "Job name", specification.Name);
        string modelName = string.IsNullOrWhiteSpace(specification.CustomModelName) ? DefaultModelName(specification.Name) : specification.CustomModelName.Trim();
        RequireName("customModelName", "Custom model name", modelName);
        RequireTags(specification.Tags);
        int contextLength = RequireBaseModel(specification.BaseModel, names);
        RequireInitialAdapter(specification.InitialAdapter);
        RequireTrainingData(specification.TrainingData);
        RequireValidationData(specification.ValidationData);
        RequireReward(specification.RewardFunction);
        HyperparameterRules.Check(specification.Hyperparameters, contextLength);
        RequireNetwork(specification);
        return specification with { CustomModelName = modelName };
    }

    /// <summary>1 to 63 letters, digits, and <c>-</c> <c>_</c> <c>.</c>, the first one a letter or digit.</summary>
    /// <exception cref="UserInputException">The name breaks a rule.</exception>
    public static void RequireName(string field, string label, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            throw new FieldInputException(field, $"{label}: give a name.");
        }

        if (name.Length > LongestName)
        {
            throw new FieldInputException(field, $"{label}: {name.Length} characters are too many, at most {LongestName} are allowed.");
        }

        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
            {
                throw new FieldInputException(field, $"{label}: \"{character}\" is not allowed; use letters, digits, hyphens, underscores and dots.");
            }
        }

        if (!char.IsAsciiLetterOrDigit(name[0]))
        {
            throw new FieldInputException(field, $"{label}: \"{name}\" must begin with a letter or a digit.");
        }
    }

    /// <exception cref="UserInputException">A tag has no key, or there are too many.</exception>
    public static void RequireTags(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count > MostTags)
        {
            throw new FieldInputException("tags", $"Tags: {tags.Count} are too many, at most {MostTags} are allowed.");
        }

        foreach ((string key, string value) in tags)
        {
            if (string.IsNullOrWhiteSpace(key) || key.Length > 128 || value.Length > 256)
            {
                throw new FieldInputException("tags", $"Tags: \"{key}\" cannot be used; a key has 1 to 128 characters and a value at most 256.");
            }
        }
    }

    /// <summary>The job's name with an ending, within the longest name; empty for an empty one.</summary>
    public static string DefaultModelName(string jobName)
    {
        if (jobName.Length == 0)
        {
            return "";
        }

        const string ending = "-tuned";
        return jobName[..Math.Min(jobName.Length, LongestName - ending.Length)] + ending;
    }

    /// <returns>The model's context length.</returns>
    private static int RequireBaseModel(string baseModel, IModelNames names)
    {
        if (string.IsNullOrWhiteSpace(baseModel))
        {
            throw new FieldInputException("baseModel", "Base model: choose one.");
        }

        try
        {
            using var source = ModelSource.Open(names.PathOf(baseModel) ?? baseModel);
            return source.Config.ContextLength;
        }
        catch (UserInputException unusable)
        {
            throw new FieldInputException("baseModel", $"Base model: {unusable.Message}");
        }
    }

    private static void RequireInitialAdapter(string? folder)
    {
        if (folder is not null && !File.Exists(Path.Combine(folder, PeftAdapter.WeightsFile)))
        {
            throw new FieldInputException("baseModel", $"Base model: the tuned model's adapter {folder} is not there any more; choose another one.");
        }
    }

    private static void RequireTrainingData(TrainingDataSource? data)
    {
        if (data is null || (data.File is null) == (data.SampleData is null))
        {
            throw new FieldInputException("trainingData", "Training data: choose exactly one of a file and sample data.");
        }

        if (data.SampleData is { } sample && SampleDataSets.All.All(set => set.Name != sample))
        {
            throw new FieldInputException("trainingData", $"Sample data: there is no sample data \"{sample}\"; there are {string.Join(", ", SampleDataSets.All.Select(set => set.Name))}.");
        }

        RequireFile("trainingData", "Training data", data.File);
    }

    private static void RequireValidationData(ValidationDataSource? data)
    {
        if (data is null)
        {
            return;
        }

        if ((data.File is null) == (data.Share is null))
        {
            throw new FieldInputException("validationData", "Validation data: choose exactly one of a file and a share of the training data.");
        }

        if (data.Share is { } share && !(share > 0 && share < 1))
        {
            throw new FieldInputException("validationData", $"Validation data: the share {share} must lie between 0 and 1.");
        }

        RequireFile("validationData", "Validation data", data.File);
    }

    /// <exception cref="UserInputException">The isolation cannot be read, or the job's own configuration calls what it refuses.</exception>
    public static void RequireNetwork(JobSpecification specification)
    {
        try
        {
            using OutboundPolicy network = new(specification.NetworkIsolation);
            NetworkNeeds.Check(specification, network);
        }
        catch (UserInputException refused)
        {
            throw new FieldInputException("networkIsolation", $"Network isolation: {refused.Message}");
        }
    }

    private static void RequireReward(RewardFunctionSpecification? reward)
    {
        if (reward is null)
        {
            throw new FieldInputException("rewardFunction", "Reward function: choose one.");
        }

        try
        {
            RewardSpecificationRules.Check(reward);
        }
        catch (UserInputException wrong)
        {
            string label = wrong.Message.StartsWith("rewardFunction.template ", StringComparison.Ordinal) ? "Reward template" : "Reward function";
            throw new FieldInputException("rewardFunction", $"{label}: {wrong.Message}");
        }

        RequireFiles(reward);
    }

    private static void RequireFiles(RewardFunctionSpecification reward)
    {
        RequireFile("rewardFunction", "Reward function", reward.File);
        RequireFile("rewardFunction", "Reward function", reward.Requirements);
        foreach (WeightedPart part in reward.Parts ?? [])
        {
            RequireFiles(part.RewardFunction);
        }
    }

    private static void RequireFile(string field, string label, string? file)
    {
        if (file is not null && !File.Exists(file))
        {
            throw new FieldInputException(field, $"{label}: there is no file {file} on this machine.");
        }
    }
}
