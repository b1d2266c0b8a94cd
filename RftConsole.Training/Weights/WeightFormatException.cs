namespace RftConsole.Training.Weights;

/// <summary>A model or adapter file cannot be used; the message names file and tensor in one line.</summary>
public sealed class WeightFormatException : UserInputException
{
    public WeightFormatException(string path, string? tensor, string reason, Exception? inner = null)
        : base($"{path}{(tensor is null ? "" : $", {tensor}")}: {reason}", inner)
    {
    }
}
