namespace RftConsole.Training.Hub;

/// <summary>Where the hub is, and who asks.</summary>
/// <param name="Endpoint">The hub or a mirror of it.</param>
/// <param name="Token">An access token; null for none. It goes to the endpoint's own host and nowhere else.</param>
public sealed record HubConnection(Uri Endpoint, string? Token)
{
    /// <summary>The hub itself.</summary>
    public static Uri DefaultEndpoint { get; } = new("https://huggingface.co");

    /// <summary>Without the token: records are written to logs.</summary>
    public override string ToString() => Endpoint.ToString();
}

/// <summary>A model as the hub describes it at one commit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Commit">The commit that the revision meant.</param>
/// <param name="Licence">The licence of its card; null for none.</param>
/// <param name="ModelType">Architecture by its configuration or its GGUF files; null where the hub does not say.</param>
/// <param name="Files">Files in its root.</param>
public sealed record HubModel(string Id, string Commit, string? Licence, string? ModelType, IReadOnlyList<HubFile> Files);

/// <summary>A file of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 of a large file (Git LFS), in lower-case hexadecimal.</param>
/// <param name="GitSha1">Git's blob id of a small file.</param>
public sealed record HubFile(string Name, long Size, string? Sha256, string? GitSha1);

/// <summary>How far a download is.</summary>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Total">All bytes; 0 while it is not known.</param>
/// <param name="File">What is on its way now.</param>
public sealed record HubProgress(long Done, long Total, string File);

/// <summary>The connection failed in a way that may pass.</summary>
/// <param name="message">One line.</param>
/// <param name="inner">The cause.</param>
/// <param name="retryAfter">How long the server wants to be left alone.</param>
public sealed class HubUnavailableException(string message, Exception? inner = null, TimeSpan? retryAfter = null) : UserInputException(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>What is downloaded of a model: only the files that the engine reads.</summary>
internal static class HubSelection
{
    private static readonly HashSet<string> s_companions =
        ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json", "special_tokens_map.json"];

    /// <summary>The files, small ones first, so that a model that cannot be used is found out before its weights arrive.</summary>
    /// <exception cref="UserInputException">The repository holds no model in a form that the engine reads.</exception>
    public static IReadOnlyList<HubFile> Choose(HubModel model, string? ggufName)
    {
        var gguf = model.Files.Where(file => file.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).ToList();
        if (ggufName is not null)
        {
            return [gguf.Find(file => file.Name == ggufName) ?? throw new UserInputException($"{model.Id} has no file {ggufName}{Listed(gguf)}.")];
        }

        bool Has(string name) => model.Files.Any(file => file.Name == name);
        const string index = "model.safetensors.index.json";
        var weights = model.Files.Where(file => Has(index) ? file.Name == index || (file.Name.StartsWith("model-", StringComparison.Ordinal) && file.Name.EndsWith(".safetensors", StringComparison.Ordinal)) : file.Name == "model.safetensors").ToList();
        if (weights.Count == 0 && gguf.Count > 0)
        {
            return gguf.Count == 1 ? gguf : throw new UserInputException($"{model.Id} holds several GGUF files; choose one, as {model.Id}/FILE{Listed(gguf)}.");
        }

        if (Has("adapter_config.json"))
        {
            throw new UserInputException($"{model.Id} is an adapter, not a base model: download the model that it was made for.");
        }

        if (weights.Count == 0)
        {
            throw new UserInputException(model.Files.Any(file => file.Name.EndsWith(".bin", StringComparison.Ordinal) || file.Name.EndsWith(".pth", StringComparison.Ordinal) || file.Name.EndsWith(".pt", StringComparison.Ordinal))
                ? $"{model.Id} has its weights as pickles only, which can run code when they are opened: choose a repository with safetensors or GGUF files."
                : $"{model.Id} holds no model.safetensors and no GGUF file: it is no model that this console can train.");
        }

        foreach (string needed in (string[])["config.json", "tokenizer.json"])
        {
            if (!Has(needed))
            {
                throw new UserInputException($"{model.Id} has no {needed}: it is no model that this console can train.");
            }
        }

        return [.. model.Files.Where(file => s_companions.Contains(file.Name)).Concat(weights).OrderBy(file => file.Size).ThenBy(file => file.Name, StringComparer.Ordinal)];
    }

    private static string Listed(IEnumerable<HubFile> files) =>
        files.Any() ? " (" + string.Join(", ", files.OrderBy(file => file.Size).Take(20).Select(file => $"{file.Name}, {file.Size / 1e6:0} MB")) + ")" : "";
}
