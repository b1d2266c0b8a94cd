using System.Globalization;

namespace RftConsole.Training.Jobs;

/// <summary>Something about a run that its owner should know.</summary>
/// <param name="Kind">What it is; one finding of a kind is enough.</param>
/// <param name="Step">The step at which it showed; 0 is the base model's validation.</param>
/// <param name="Figures">What was seen, by the places of <see cref="HealthKind.Seen"/>.</param>
public sealed record HealthFinding(HealthKind Kind, int Step, IReadOnlyList<object> Figures)
{
    /// <summary>Names the kind.</summary>
    public string Code => Kind.Code;

    /// <summary>What was seen, with its figures.</summary>
    public string Seen => string.Format(CultureInfo.InvariantCulture, Kind.Seen, [.. Figures]);

    /// <summary>All of it in one line, as the job's log has it.</summary>
    public string Message => $"{Seen} {Kind.Why} {Kind.Remedy}";
}
