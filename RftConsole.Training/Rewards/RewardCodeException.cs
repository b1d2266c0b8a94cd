namespace RftConsole.Training.Rewards;

/// <summary>A reward function's file cannot be used: syntax, a missing import, no handler.</summary>
/// <param name="message">One line that names the function.</param>
/// <param name="reason">The same without the function's name, for a place beside the code.</param>
/// <param name="line">The line that it is about, from 1; null where there is none.</param>
/// <param name="column">The column, from 1; null where only the line is known.</param>
public sealed class RewardCodeException(string message, string reason, int? line, int? column) : UserInputException(message)
{
    public string Reason { get; } = reason;

    public int? Line { get; } = line;

    public int? Column { get; } = column;
}
