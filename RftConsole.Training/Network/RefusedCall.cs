using System.Text.Json.Serialization;

namespace RftConsole.Training.Network;

/// <summary>Calls to one place that network isolation refused.</summary>
/// <param name="Host">Where they would have gone, with the port.</param>
/// <param name="Caller">Who asked, such as <c>reward code</c>.</param>
/// <param name="Time">When the last of them was refused.</param>
/// <param name="Count">How many.</param>
public sealed record RefusedCall(string Host, string Caller, DateTimeOffset Time, int Count)
{
    /// <summary>For a log.</summary>
    [JsonIgnore]
    public string Sentence => $"Network isolation refused {(Count == 1 ? "a call" : $"{Count} calls")} of {Host} by {Caller}.";
}

/// <summary>A call that network isolation refuses; nothing was sent.</summary>
public sealed class NetworkRefusedException(string message) : UserInputException(message);
