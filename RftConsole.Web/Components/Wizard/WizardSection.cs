namespace RftConsole.Web.Components.Wizard;

/// <summary>A step of the wizard.</summary>
/// <param name="Key">Its name in the page's address.</param>
/// <param name="Title">Its title in the list of steps.</param>
/// <param name="Fields">The fields it shows: an error of one of them belongs to this step.</param>
public sealed record WizardSection(string Key, string Title, IReadOnlyList<string> Fields)
{
    /// <summary>The last step.</summary>
    public const string Review = "review";

    /// <summary>All steps in order; the first holds all that a first job has to be asked for.</summary>
    public static IReadOnlyList<WizardSection> All { get; } =
    [
        new("details", Key("Model and customization"), ["baseModel", "name", "customModelName", "description", "tags"]),
        new("data", Key("Training data"), ["trainingData"]),
        new("reward", Key("Reward function"), ["rewardFunction"]),
        new("hyperparameters", Key("Hyperparameters"), [.. HyperparameterFields.All.Select(field => field.Name), "loraTargets", "earlyStopping", "hyperparameters"]),
        new("output", Key("Output data"), ["outputData"]),
        new("additional", Key("Additional configuration"), ["validationData", "networkIsolation", "encryption"]),
        new(Review, Key("Review"), []),
    ];
}
