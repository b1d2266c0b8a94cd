namespace RftConsole.Training.Starter.Contacts;

/// <summary>What is asked, and the details behind it.</summary>
/// <param name="Text">The prompt.</param>
/// <param name="Facts">Every detail by its field.</param>
/// <param name="Fields">The fields of the schema, in order.</param>
internal sealed record ContactRequest(string Text, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<string> Fields)
{
    /// <summary>Whether a field is a number in JSON.</summary>
    public static bool IsNumber(string field) => field is "age" or "phone";
}
