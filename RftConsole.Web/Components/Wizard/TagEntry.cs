using RftConsole.Training;

namespace RftConsole.Web.Components.Wizard;

/// <summary>A tag while it is written.</summary>
public sealed class TagEntry
{
    public string Key { get; set; } = "";

    public string Value { get; set; } = "";

    /// <summary>The tags that have a key.</summary>
    /// <exception cref="UserInputException">A key stands twice.</exception>
    public static IReadOnlyDictionary<string, string> ToTags(IEnumerable<TagEntry> entries)
    {
        Dictionary<string, string> tags = [];
        foreach (TagEntry entry in entries.Where(entry => entry.Key.Trim().Length > 0))
        {
            if (!tags.TryAdd(entry.Key.Trim(), entry.Value.Trim()))
            {
                throw new UserInputException($"Tags: the key \"{entry.Key.Trim()}\" stands twice.");
            }
        }

        return tags;
    }
}
