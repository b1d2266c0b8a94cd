using RftConsole.Training;

namespace RftConsole.Web.Jobs;

/// <summary>A field of a job cannot be used; a form shows the message beside it.</summary>
/// <param name="field">The field's name in job files, such as <c>customModelName</c>.</param>
/// <param name="message">One line that begins with the field's label.</param>
public sealed class FieldInputException(string field, string message) : UserInputException(message)
{
    public string Field { get; } = field;
}
