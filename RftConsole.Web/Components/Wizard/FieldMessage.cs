using RftConsole.Training;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>A service's message against a job: it begins with the label, or the job file's name, of the field that it is about.</summary>
/// <param name="Field">The field's name in job files; null where it names none of the wizard's.</param>
/// <param name="Text">The message without the label, which stands beside the field already.</param>
public sealed record FieldMessage(string? Field, string Text)
{
    private static readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Job name"] = "name",
        ["Custom model name"] = "customModelName",
        ["Description"] = "description",
        ["Tags"] = "tags",
        ["Base model"] = "baseModel",
        ["Training data"] = "trainingData",
        ["Sample data"] = "trainingData",
        ["Reward function"] = "rewardFunction",
        ["Reward template"] = "rewardFunction",
        ["Validation data"] = "validationData",
        ["Network isolation"] = "networkIsolation",
        ["Encryption"] = "encryption",
    };

    static FieldMessage()
    {
        foreach (NumberField field in HyperparameterFields.All)
        {
            _fields[field.Label] = field.Name;
        }

        foreach (string field in WizardSection.All.SelectMany(section => section.Fields))
        {
            _fields[field] = field;
        }
    }

    /// <summary>The field that the service names, or else the one that its message begins with.</summary>
    public static FieldMessage Of(UserInputException refused)
    {
        FieldMessage message = Parse(refused.Message);
        return refused is FieldInputException { Field: var field } && _fields.ContainsKey(field) ? message with { Field = _fields[field] } : message;
    }

    /// <summary>Takes a message apart.</summary>
    public static FieldMessage Parse(string message)
    {
        int colon = message.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && FieldOf(message[..colon].Trim()) is { } field)
        {
            string text = message[(colon + 1)..].Trim();
            return new FieldMessage(field, text.Length > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : message);
        }

        return new FieldMessage(null, message);
    }

    /// <summary>A label, or a name in job files such as <c>hyperparameters.batchSize</c> or <c>validationData.share</c>.</summary>
    private static string? FieldOf(string label) =>
        new[] { label, label[(label.LastIndexOf('.') + 1)..], label.Split('.')[0] }.Select(name => _fields.GetValueOrDefault(name)).FirstOrDefault(field => field is not null);
}
