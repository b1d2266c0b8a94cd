namespace RftConsole.Training.Datasets.Inspection;

/// <summary>What the accepted records of a file consist of.</summary>
/// <param name="Roles">Turns of each role, prompts alone.</param>
/// <param name="MetadataKeys">Records that have each further key; the commonest keys where there are very many.</param>
/// <param name="WithReference">Records with a <c>reference_answer</c>.</param>
/// <param name="ExactDuplicates">Records whose prompt an earlier one has.</param>
/// <param name="NearDuplicates">Records whose prompt is almost an earlier one's.</param>
public sealed record DatasetContents(
    IReadOnlyDictionary<string, int> Roles, IReadOnlyDictionary<string, int> MetadataKeys, int WithReference, int ExactDuplicates, int NearDuplicates);
