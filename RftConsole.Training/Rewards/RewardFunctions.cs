using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards;

/// <summary>Makes a reward function from what a job file says.</summary>
public static class RewardFunctions
{
    /// <param name="specification">A template's name or a Python file.</param>
    /// <param name="baseFolder">What a relative path is relative to.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="UserInputException">The message names the field.</exception>
    /// <exception cref="RewardInfrastructureException">The sandbox cannot be started.</exception>
    public static async Task<IRewardFunction> CreateAsync(RewardFunctionSpecification specification, string baseFolder, RewardOptions options, CancellationToken cancellationToken)
    {
        if (specification.Type != "customCode")
        {
            throw new UserInputException($"rewardFunction.type is '{specification.Type}'; this version knows 'customCode'.");
        }

        (string name, string source) = (specification.Template, specification.File) switch
        {
            ({ } template, null) => Template(template),
            (null, { } file) => await FileAsync(file, baseFolder, cancellationToken),
            (null, null) => throw new UserInputException("rewardFunction names neither a template nor a file; set rewardFunction.template or rewardFunction.file."),
            _ => throw new UserInputException("rewardFunction names both a template and a file; keep one of rewardFunction.template and rewardFunction.file."),
        };
        return await PythonRewardFunction.StartAsync(name, source, options, cancellationToken);
    }

    private static (string Name, string Source) Template(string name)
    {
        RewardTemplate? template = RewardTemplates.Find(name);
        return template is null
            ? throw new UserInputException($"rewardFunction.template '{name}' is not known; the templates are: {string.Join(", ", RewardTemplates.All.Select(known => known.Name))}.")
            : (template.Name, template.Source ?? throw new UserInputException($"rewardFunction.template '{name}' is judged by a model; the templates of custom code are: {string.Join(", ", RewardTemplates.Of(RewardKind.CustomCode).Select(known => known.Name))}."));
    }

    private static async Task<(string Name, string Source)> FileAsync(string file, string baseFolder, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(file, Path.GetFullPath(baseFolder));
        if (Directory.Exists(path))
        {
            throw new UserInputException($"rewardFunction.file '{file}' is a folder; name a Python file.");
        }

        try
        {
            return (Path.GetFileName(path), await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"rewardFunction.file '{file}' cannot be read: {error.Message}", error);
        }
    }
}
