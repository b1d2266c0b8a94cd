namespace RftConsole.Training.Models;

/// <summary>Names under which base models are registered.</summary>
public interface IModelNames
{
    /// <summary>The folder or file of a registered model; null where the name is not registered.</summary>
    /// <exception cref="UserInputException">It is registered and cannot be used now; the message says why.</exception>
    string? PathOf(string name);
}
