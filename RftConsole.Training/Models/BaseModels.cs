namespace RftConsole.Training.Models;

/// <summary>A base model that a job can start from.</summary>
/// <param name="Name">The name in job files.</param>
/// <param name="Title">The name that people see.</param>
/// <param name="Description">What it is good for.</param>
/// <param name="Folder">Its Hugging Face folder.</param>
/// <param name="Family">Its architecture.</param>
/// <param name="ParameterCount">Weights.</param>
/// <param name="ContextLength">Most tokens of prompt and completion.</param>
/// <param name="Licence">Its licence.</param>
public sealed record BaseModel(string Name, string Title, string Description, string Folder, string Family, long ParameterCount, int ContextLength, string Licence);

/// <summary>The base models that the console knows by name.</summary>
public static class BaseModels
{
    /// <summary>The model that comes with the project.</summary>
    public const string Starter = "starter";

    private static readonly Lazy<IReadOnlyList<BaseModel>> s_all = new(() => [Describe()]);

    /// <summary>All registered models.</summary>
    public static IReadOnlyList<BaseModel> All => s_all.Value;

    /// <summary>The folder of a registered name, or the path itself where it is a folder or a file.</summary>
    /// <exception cref="UserInputException">Neither is there.</exception>
    public static string PathOf(string nameOrPath) =>
        nameOrPath == Starter ? StarterFolder
        : Directory.Exists(nameOrPath) || File.Exists(nameOrPath) ? nameOrPath
        : throw new UserInputException($"base model \"{nameOrPath}\": neither a registered name ({Starter}), nor a Hugging Face model folder, nor a GGUF file");

    private static string StarterFolder => Path.Combine(AppContext.BaseDirectory, "Starter", "model");

    private static BaseModel Describe()
    {
        var config = DecoderConfig.Load(StarterFolder);
        return new(
            Starter,
            "Starter",
            "A small model that comes with the console. It knows short arithmetic word problems and simple JSON extraction, and trains in minutes.",
            StarterFolder,
            "Llama",
            config.ParameterCount,
            config.ContextLength,
            "MIT");
    }
}
