namespace RftConsole.Training.Models;

/// <summary>A base model that a job can start from.</summary>
public sealed record BaseModel(string Name, string Title, string Description, string Folder, string Family, long ParameterCount, int ContextLength, string Licence);

/// <summary>The base models that the console knows by name.</summary>
public static class BaseModels
{
    /// <summary>The model that comes with the project.</summary>
    public const string Starter = "starter";

    /// <summary>All registered models.</summary>
    public static IReadOnlyList<BaseModel> All { get; } =
    [
        new(Starter, "Starter", "A small model that comes with the console: arithmetic word problems and JSON extraction.", Path.Combine(AppContext.BaseDirectory, "Starter", "model"), "Llama", 1_000_000, 512, "MIT"),
    ];
}
