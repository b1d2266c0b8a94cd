using RftConsole.Training;

namespace RftConsole.Web.Security;

/// <summary>Somebody may not do what they tried; pages show the message, as that of any other refusal.</summary>
public sealed class AccessDeniedException(string message) : UserInputException(message);
