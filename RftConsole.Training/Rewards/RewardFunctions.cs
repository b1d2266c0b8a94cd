using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards.Combined;
using RftConsole.Training.Rewards.Judge;
using RftConsole.Training.Rewards.Packages;
using RftConsole.Training.Rewards.Remote;

namespace RftConsole.Training.Rewards;

/// <summary>Makes a reward function from what a job file says.</summary>
public static class RewardFunctions
{
    /// <inheritdoc cref="CreateAsync(RewardFunctionSpecification, string, RewardServices, RewardOptions, CancellationToken)"/>
    public static Task<IRewardFunction> CreateAsync(RewardFunctionSpecification specification, string baseFolder, RewardOptions options, CancellationToken cancellationToken) =>
        CreateAsync(specification, baseFolder, new(), options, cancellationToken);

    /// <summary>Checks the specification and starts the function, so that what is wrong shows before anything is trained.</summary>
    /// <param name="specification">Of any type.</param>
    /// <param name="baseFolder">What a relative path is relative to.</param>
    /// <param name="services">Models, secrets, and who hears warnings.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="UserInputException">The message names the field.</exception>
    /// <exception cref="RewardInfrastructureException">What runs the function cannot be started or reached.</exception>
    public static async Task<IRewardFunction> CreateAsync(
        RewardFunctionSpecification specification, string baseFolder, RewardServices services, RewardOptions options, CancellationToken cancellationToken)
    {
        RewardSpecificationRules.Check(specification);
        options.Validate();
        var function = await StartAsync(specification, "rewardFunction", baseFolder, services, options, cancellationToken);
        return services.Decorate is { } decorate ? decorate(function) : function;
    }

    private static async Task<IRewardFunction> StartAsync(
        RewardFunctionSpecification specification, string field, string baseFolder, RewardServices services, RewardOptions options, CancellationToken cancellationToken) => specification.Type switch
        {
            RewardFunctionSpecification.CustomCode => await StartCodeAsync(specification, field, baseFolder, services, options, cancellationToken),
            RewardFunctionSpecification.ModelAsJudge => await JudgeStart.StartAsync(specification, field, services, options),
            RewardFunctionSpecification.Weighted => await StartPartsAsync(specification.Parts!, field, baseFolder, services, options, cancellationToken),
            RewardFunctionSpecification.Lambda => new LambdaRewardFunction(
                specification.FunctionName!.Trim(), await LambdaTarget.OfAsync(specification, field, services.Secret), field, services.Network, options),
            _ => throw new ArgumentException($"The type {specification.Type} was not checked.", nameof(specification)),
        };

    private static async Task<IRewardFunction> StartCodeAsync(RewardFunctionSpecification specification, string field, string baseFolder, RewardServices services, RewardOptions options, CancellationToken cancellationToken)
    {
        (string name, string source) = specification.File is { } file
            ? await FileAsync(file, field, baseFolder, cancellationToken)
            : (specification.Template!, RewardTemplates.Find(specification.Template)!.Source!);
        RewardPackages? packages = specification.Requirements is { } requirements
            ? await PackageInstaller.InstallAsync(Path.GetFullPath(requirements, Path.GetFullPath(baseFolder)), field + ".requirements", services.Network, cancellationToken)
            : null;
        return await PythonRewardFunction.StartAsync(name, source, options, cancellationToken, packages, services.Network);
    }

    private static async Task<IRewardFunction> StartPartsAsync(
        IReadOnlyList<WeightedPart> parts, string field, string baseFolder, RewardServices services, RewardOptions options, CancellationToken cancellationToken)
    {
        List<StartedPart> started = [];
        try
        {
            foreach (var (index, part) in parts.Index())
            {
                IRewardFunction function = await StartAsync(part.RewardFunction, $"{field}.parts[{index}].rewardFunction", baseFolder, services, options, cancellationToken);
                started.Add(new(Unique(part.Name ?? PartName(part.RewardFunction)), part.Weight, function));
            }
        }
        catch
        {
            foreach (StartedPart part in started)
            {
                await part.Function.DisposeAsync();
            }

            throw;
        }

        return new WeightedRewardFunction(started, options.FailureScore);

        string Unique(string name)
        {
            // A name that its author chose stays as it is.
            HashSet<string> taken = [.. started.Select(part => part.Name), .. parts.Select(part => part.Name).OfType<string>().Where(given => given != name)];
            return taken.Add(name) ? name : Enumerable.Range(2, parts.Count).Select(number => $"{name}-{number}").First(taken.Add);
        }
    }

    /// <summary>What a part is called whose author gave it no name: the template, the file or the function.</summary>
    private static string PartName(RewardFunctionSpecification part) => part.Type switch
    {
        RewardFunctionSpecification.CustomCode => part.Template ?? Path.GetFileNameWithoutExtension(part.File!),
        RewardFunctionSpecification.ModelAsJudge => part.Template ?? "judge",
        RewardFunctionSpecification.Lambda => part.FunctionName!.Split(':')[^1],
        _ => "weighted",
    };

    private static async Task<(string Name, string Source)> FileAsync(string file, string field, string baseFolder, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(file, Path.GetFullPath(baseFolder));
        if (Directory.Exists(path))
        {
            throw new UserInputException($"{field}.file '{file}' is a folder; name a Python file.");
        }

        try
        {
            return (Path.GetFileName(path), await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{field}.file '{file}' cannot be read: {error.Message}", error);
        }
    }
}
