using System.Globalization;
using System.Reflection;
using System.Text;

namespace RftConsole.Web.Security.Guards;

/// <summary>A call of a service, as the audit log tells of it.</summary>
/// <param name="Method">What is called.</param>
/// <param name="Arguments">With what.</param>
internal sealed record GuardedCall(MethodInfo Method, IReadOnlyList<object?> Arguments)
{
    private const int LongestValue = 120;

    /// <summary>Parameters that say what it is about, the better ones first.</summary>
    private static readonly string[] s_subjects = ["name", "fileName", "id", "jobId", "rewardId", "path", "address"];

    /// <summary>Never shown: secrets, and texts that are somebody's content.</summary>
    private static readonly string[] s_hidden = ["token", "key", "secret", "password", "passphrase", "content", "source", "requirements", "response", "text"];

    /// <summary><c>job.create</c>, <c>hub-settings.set-token</c>.</summary>
    public string Action(string subject)
    {
        StringBuilder verb = new();
        string name = Method.Name.EndsWith("Async", StringComparison.Ordinal) ? Method.Name[..^"Async".Length] : Method.Name;
        foreach (char character in name)
        {
            if (char.IsUpper(character) && verb.Length > 0)
            {
                verb.Append('-');
            }

            verb.Append(char.ToLowerInvariant(character));
        }

        return $"{subject}.{verb}";
    }

    /// <summary>The name of what it is about, with its id.</summary>
    public async Task<string> SubjectAsync(string subject, SubjectNames names)
    {
        foreach (object? argument in Arguments)
        {
            if (argument is not null and not string && NameOf(argument) is { } name)
            {
                return name;
            }
        }

        foreach (string wanted in s_subjects)
        {
            int index = Array.FindIndex(Method.GetParameters(), parameter => parameter.Name == wanted);
            if (index >= 0 && Arguments[index] is string { Length: > 0 } value)
            {
                return wanted is "id" && await names.FindAsync(subject, value) is { } found ? $"{found} ({value})" : value;
            }
        }

        return "";
    }

    /// <summary>The subject, with the id that the call gave it.</summary>
    public string WithResult(string subject, object? result) => result is string id && subject.Length > 0 && id != subject ? $"{subject} ({id})" : subject;

    /// <summary>Plain values that went with it, as <c>name=value</c>.</summary>
    public string Details() => string.Join(", ", Method.GetParameters().Zip(Arguments)
        .Where(pair => !s_subjects.Contains(pair.First.Name) && pair.Second is not null)
        .Select(pair => (pair.First.Name, Value: s_hidden.Contains(pair.First.Name) ? null : Shown(pair.Second!)))
        .Where(pair => pair.Value is not null)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    private static string? NameOf(object argument) => argument.GetType().GetProperty("Name")?.GetValue(argument) as string;

    private static string? Shown(object value) => value switch
    {
        string text => text.Length <= LongestValue ? text : text[..LongestValue] + "…",
        bool or Enum => value.ToString(),
        CancellationToken => null,
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
