using System.Globalization;

using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Which calls of invocation logs are taken, while it is written.</summary>
public sealed class LogFilterForm
{
    /// <summary>The first day, as a field of dates has it; empty for no beginning.</summary>
    public string From { get; set; } = "";

    /// <summary>The last day.</summary>
    public string To { get; set; } = "";

    /// <summary>Conditions on the request metadata; those without a key do not count.</summary>
    public List<LogCondition> Conditions { get; } = [];

    /// <summary>One condition that holds is enough.</summary>
    public bool Any { get; set; }

    /// <summary>What the conversion takes.</summary>
    /// <exception cref="UserInputException">A day is none.</exception>
    public InvocationLogOptions Options(bool usePromptResponse)
    {
        MetadataFilter[] filters = [.. Conditions.Where(condition => condition.Key.Trim().Length > 0).Select(condition => condition.ToFilter())];
        return new(usePromptResponse, filters switch { [] => null, [var one] => one, _ => Any ? new() { OrAll = filters } : new() { AndAll = filters } })
        {
            From = Day("From", From),
            To = Day("To", To),
        };
    }

    private static DateOnly? Day(string field, string? text) =>
        string.IsNullOrWhiteSpace(text) ? null
        : DateOnly.TryParseExact(text.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day
        : throw new UserInputException($"{field}: {text} is no day.");
}

/// <summary>A condition on the request metadata while it is written.</summary>
public sealed class LogCondition
{
    public string Key { get; set; } = "";

    /// <summary>The value must be another.</summary>
    public bool Not { get; set; }

    public string Value { get; set; } = "";

    public MetadataFilter ToFilter()
    {
        Dictionary<string, string> pair = new() { [Key.Trim()] = Value };
        return Not ? new() { NotEqualTo = pair } : new() { EqualTo = pair };
    }
}
