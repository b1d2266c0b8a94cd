namespace RftConsole.Training.Text;

/// <summary>A chat template cannot be read, or refuses a conversation (<c>raise_exception</c>), or fails on it; another conversation may still render.</summary>
public sealed class ChatTemplateException(string message, Exception inner) : UserInputException(message, inner);
