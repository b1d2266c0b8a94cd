namespace RftConsole.Training.Jobs;

/// <summary>Something about a run that its owner should know.</summary>
/// <param name="Code">Names the kind; one finding of a kind is enough.</param>
/// <param name="Step">The step at which it showed; 0 is the base model's validation.</param>
/// <param name="Title">In a few words.</param>
/// <param name="Seen">What was seen, with its figures.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Remedy">What can be done.</param>
public sealed record HealthFinding(string Code, int Step, string Title, string Seen, string Why, string Remedy)
{
    /// <summary>All of it in one line, as the job's log has it.</summary>
    public string Message => $"{Seen} {Why} {Remedy}";
}
