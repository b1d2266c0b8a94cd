using System.Text.Json;

namespace RftConsole.Tests;

/// <summary>
/// Where the reference outputs of independent implementations and their models lie. <c>RFTCONSOLE_GOLDENS</c> and
/// <c>RFTCONSOLE_MODELS</c> name other folders of the same shape; without them it is the copies in this project, and for the
/// real model the folder <c>shared</c> beside the repository.
/// </summary>
public static class Goldens
{
    private const string RealModel = "smollm2";

    private static readonly string[] GoldenRoots = Roots("RFTCONSOLE_GOLDENS", "goldens");
    private static readonly string[] ModelRoots = Roots("RFTCONSOLE_MODELS", "models");

    /// <summary>The names of all sets, for theories; the real model is always among them, so that its absence shows as skipped.</summary>
    public static TheoryData<string> Sets => [.. SetNames];

    private static IEnumerable<string> SetNames =>
        GoldenRoots.Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root).Select(folder => Path.GetFileName(folder)))
            .Where(name => name.StartsWith("tiny-", StringComparison.Ordinal))
            .Append(RealModel)
            .Distinct()
            .Order(StringComparer.Ordinal);

    /// <summary>The names of the sets that hold <paramref name="file"/> and whose model is here, for tests that need at least one.</summary>
    public static IReadOnlyList<string> SetsWith(string file) =>
        [.. SetNames.Where(set => TryFind(GoldenRoots, Path.Combine(set, file)) is not null && TryFindModel(set) is not null)];

    /// <summary>A file or folder of a set; the test is skipped where it is missing.</summary>
    public static string FileOf(string set, string file) =>
        TryFind(GoldenRoots, Path.Combine(set, file)) ?? throw Skipped($"no {set}/{file} under {string.Join(", ", GoldenRoots)}");

    /// <summary>The objects of a JSON-lines file of a set; the test is skipped where it is missing.</summary>
    public static IReadOnlyList<JsonElement> LinesOf(string set, string file) =>
        [.. File.ReadLines(FileOf(set, file)).Where(line => line.Length > 0).Select(line => JsonElement.Parse(line))];

    /// <summary>The model that a set was made with: a Hugging Face folder, a GGUF file for the real model. Skipped where it is missing.</summary>
    public static string ModelOf(string set) =>
        TryFindModel(set) ?? throw Skipped($"no model for {set} under {string.Join(", ", ModelRoots)}");

    /// <summary>The folder with tokenizer, chat template and their configuration of a set's model; skipped where it is missing.</summary>
    public static string TokenizerFolderOf(string set) =>
        set == RealModel ? Path.Combine(Path.GetDirectoryName(ModelOf(set))!, "hf-tokenizer") : ModelOf(set);

    private static string? TryFindModel(string set)
    {
        if (set != RealModel)
        {
            return TryFind(ModelRoots, set);
        }

        var folder = TryFind(ModelRoots, "smollm2-135m-instruct");
        return folder is null ? null : Directory.EnumerateFiles(folder, "*.gguf").FirstOrDefault();
    }

    private static string? TryFind(string[] roots, string relative) =>
        roots.Select(root => Path.Combine(root, relative)).FirstOrDefault(path => File.Exists(path) || Directory.Exists(path));

    private static string[] Roots(string variable, string folder)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            return [Path.GetFullPath(given)];
        }

        var copies = Path.Combine(AppContext.BaseDirectory, "TestData", folder);
        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (repository is not null && !File.Exists(Path.Combine(repository.FullName, "RftConsole.sln")))
        {
            repository = repository.Parent;
        }

        return repository?.Parent is { } beside ? [copies, Path.Combine(beside.FullName, "shared", folder)] : [copies];
    }

    private static Exception Skipped(string reason)
    {
        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }
}
