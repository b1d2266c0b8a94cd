using System.Text.RegularExpressions;

namespace RftConsole.Training.Hub;

/// <summary>A model on the Hugging Face hub, as a user names it.</summary>
/// <param name="Id"><c>owner/name</c>.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
/// <param name="File">The GGUF file that is wanted; null where the repository says which.</param>
public sealed partial record HubReference(string Id, string Revision = "main", string? File = null)
{
    /// <summary>Reads <c>owner/name</c>, <c>owner/name/file.gguf</c>, either with <c>@revision</c>, or the address of a model's page.</summary>
    /// <exception cref="UserInputException">The text is none of these.</exception>
    public static HubReference Parse(string text)
    {
        string rest = text.Trim();
        if (Uri.TryCreate(rest, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            rest = Uri.UnescapeDataString(address.AbsolutePath).Trim('/');
        }

        string[] atRevision = rest.Split('@', 2);
        string[] parts = atRevision[0].Split('/');
        string revision = atRevision.Length == 2 ? atRevision[1] : "main";
        string? file = null;
        if (parts.Length >= 4 && parts[2] is "tree" or "blob" or "resolve")
        {
            (revision, file) = (parts[3], parts.Length == 5 ? parts[4] : null);
        }
        else if (parts.Length == 3)
        {
            file = parts[2];
        }

        if (parts.Length is < 2 or > 5 || !parts.Take(2).All(part => Name.IsMatch(part)) || !Name.IsMatch(revision) || (file is not null && !file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)))
        {
            throw new UserInputException($"Model id: \"{(text.Length > 80 ? text[..80] + "…" : text)}\" is no id such as HuggingFaceTB/SmolLM2-135M-Instruct; a GGUF file is named as owner/name/file.gguf, a revision as owner/name@revision.");
        }

        return new($"{parts[0]}/{parts[1]}", revision, file);
    }

    public override string ToString() => Id + (File is null ? "" : "/" + File) + (Revision == "main" ? "" : "@" + Revision);

    [GeneratedRegex(@"^[A-Za-z0-9_][\w.-]{0,95}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name { get; }
}
