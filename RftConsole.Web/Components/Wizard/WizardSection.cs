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
        new("details", Phrase("Model and customization"), ["baseModel", "name", "customModelName", "description", "tags"]),
        new("data", Phrase("Training data"), ["trainingData"]),
        new("reward", Phrase("Reward function"), ["rewardFunction"]),
        new("hyperparameters", Phrase("Hyperparameters"), [.. HyperparameterFields.All.Select(field => field.Name), "loraTargets", "earlyStopping", "hyperparameters"]),
        new("output", Phrase("Output data"), ["outputData"]),
        new("additional", Phrase("Additional configuration"), ["validationData", "networkIsolation", "encryption"]),
        new(Review, Phrase("Review"), []),
    ];
}
