namespace RftConsole.Training;

/// <summary>
/// Something that the user gave cannot be used: a file, a field, an option. The message names it in one line and says what to do.
/// Commands end with exit status 2; the console shows the message beside the field.
/// </summary>
public class UserInputException : Exception
{
    public UserInputException(string message)
        : base(message)
    {
    }

    public UserInputException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
