using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>Which models stand in the columns, and what the columns are called.</summary>
public static class ColumnChoices
{
    /// <summary>What the second column begins with, the first kind that there is.</summary>
    private static readonly string[] s_tunedKinds = [PlaygroundTarget.DeploymentKind, PlaygroundTarget.TunedKind, PlaygroundTarget.JobKind];

    /// <summary>The target that an id belongs to: its own, or that of one of its checkpoints; null where there is none.</summary>
    public static PlaygroundTarget? Find(IReadOnlyList<PlaygroundTarget> targets, string? id) =>
        id is null ? null : targets.FirstOrDefault(target => target.Id == id || target.Checkpoints.Any(checkpoint => checkpoint.Id == id));

    /// <summary>The chosen checkpoint; null where the target itself was chosen.</summary>
    public static PlaygroundCheckpoint? Checkpoint(PlaygroundTarget? target, string? id) => target?.Checkpoints.FirstOrDefault(checkpoint => checkpoint.Id == id);

    /// <summary>
    /// Who answers in each column. Where the address does not say: a deployment in the second one, else a tuned model, else what a job has learnt so far, and the model that it came from in the first one.
    /// </summary>
    /// <param name="targets">All there are.</param>
    /// <param name="wanted">As the address has them, two or more.</param>
    public static IReadOnlyList<string?> Choose(IReadOnlyList<PlaygroundTarget> targets, IReadOnlyList<string?> wanted)
    {
        string? Known(string? id) => Find(targets, id) is null ? null : id;
        string? tuned = Known(wanted[1]) ?? s_tunedKinds.Select(kind => targets.FirstOrDefault(target => target.Kind == kind)).FirstOrDefault(target => target is not null)?.Id;
        string? first = Known(wanted[0]) ?? Known("base:" + Find(targets, tuned)?.BaseModel) ?? targets.FirstOrDefault()?.Id;
        List<string?> chosen = [first, tuned];
        foreach (string? further in wanted.Skip(2))
        {
            chosen.Add(Known(further) ?? Further(targets, chosen));
        }

        return chosen;
    }

    /// <summary>What a new column begins with: of what is not compared yet, the kin of what is.</summary>
    public static string? Further(IReadOnlyList<PlaygroundTarget> targets, IReadOnlyList<string?> chosen)
    {
        string? family = Find(targets, chosen[^1])?.BaseModel;
        HashSet<PlaygroundTarget?> compared = [.. chosen.Select(id => Find(targets, id))];
        return targets.Where(target => !compared.Contains(target)).OrderByDescending(target => target.Kind != PlaygroundTarget.BaseKind && target.BaseModel == family).FirstOrDefault()?.Id
            ?? targets.FirstOrDefault()?.Id;
    }

    /// <summary>The column's name: Base and Tuned, while that is what they are, else a number.</summary>
    public static string Title(int index, PlaygroundTarget? target) => index switch
    {
        0 when target is null or { Kind: PlaygroundTarget.BaseKind } => L["Base"],
        1 when target is null or { Kind: not PlaygroundTarget.BaseKind } => L["Tuned"],
        _ => L["Model {0}", index + 1],
    };

    /// <summary>What is compared, in words: a checkpoint with its step.</summary>
    public static string Describe(PlaygroundTarget? target, string? id) => target is null ? ""
        : Checkpoint(target, id) is { } checkpoint ? L["{0}, step {1}", target.Title, checkpoint.Step] : target.Title;
}
