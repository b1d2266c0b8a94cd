namespace RftConsole.Training.Storage;

/// <summary>Something is encrypted, and its key is locked, lost, or cannot be reached. The message is one sentence that names the key.</summary>
public sealed class KeyUnavailableException(string message, Exception? inner = null) : UserInputException(message, inner);
