using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Rewards;

/// <summary>A reward function while it is edited: custom code as its text, any other type as its specification.</summary>
public sealed partial class RewardDraft
{
    /// <summary>Code to begin with.</summary>
    public const string Blank = """
        def lambda_handler(event, context):
            return [grade(sample) for sample in event]


        def grade(sample):
            response = sample["messages"][-1]["content"]
            expected = str(sample.get("reference_answer", ""))
            score = 1.0 if response.strip() == expected.strip() else 0.0
            return {"id": sample["id"], "aggregate_reward_score": score}

        """;

    /// <summary>What it is, but for the code.</summary>
    public required RewardFunctionSpecification Specification { get; set; }

    /// <summary>Custom code; empty for other types.</summary>
    public string Code { get; set; } = "";

    /// <summary>Packages that custom code may import, as in a <c>requirements.txt</c>; empty for the standard library alone.</summary>
    public string Requirements { get; set; } = "";

    /// <summary>As in job files.</summary>
    public string Type => Specification.Type;

    /// <summary>Instructions to begin with, as good judges have them: a role, a goal, pass/fail questions, the form of the answer.</summary>
    public const string BlankInstructions = """
        You are a strict and impartial grader.

        Decide whether the response does what was asked, completely and without anything that is wrong or was not asked for.

        <prompt>
        {prompt}
        </prompt>

        <response>
        {completion}
        </response>

        <reference_answer>
        {reference_answer}
        </reference_answer>

        The score is 1 if all of these hold, and 0 if one does not:
        - It answers the question that was asked.
        - What it says is correct; where there is a reference answer, it agrees with it.
        - It is complete, and holds nothing that was not asked for.

        Return exactly this JSON and nothing else: {"score": 0 or 1, "reasoning": "<one or two sentences>"}
        """;

    /// <summary>Types that a function of one's own can start from, apart from code.</summary>
    public static IReadOnlyList<string> BlankTypes { get; } = [.. RewardTypes.Available.Where(type => type != RewardFunctionSpecification.CustomCode)];

    /// <summary>What is wrong with what is no code; null where it can be used.</summary>
    public string? Problem
    {
        get
        {
            if (Type == RewardFunctionSpecification.CustomCode)
            {
                return string.IsNullOrWhiteSpace(Code) ? L["Write lambda_handler(event, context), or use a template."] : null;
            }

            try
            {
                RewardSpecificationRules.Check(Specification, "");
                return null;
            }
            catch (UserInputException wrong)
            {
                return FieldsOf(wrong.Message);
            }
        }
    }

    /// <summary>All that decides a score, as text: what versions are compared by.</summary>
    public string Text => Type != RewardFunctionSpecification.CustomCode ? Written(Specification)
        : string.IsNullOrWhiteSpace(Requirements) ? Code
        : $"{Code.TrimEnd()}\n\n# requirements.txt\n{string.Concat(Requirements.Trim().Split('\n').Select(line => $"#   {line.TrimEnd()}\n"))}";

    /// <summary>A draft of custom code.</summary>
    public static RewardDraft OfCode(string code) => new() { Specification = new(), Code = code };

    /// <summary>What a type is for.</summary>
    public static string Explanation(string type) => type switch
    {
        RewardFunctionSpecification.ModelAsJudge => L["A model that grades by instructions that you write."],
        RewardFunctionSpecification.Lambda => L["A function that runs elsewhere and is called for every batch of responses."],
        RewardFunctionSpecification.Weighted => L["Several reward functions whose scores are added up, each with its weight."],
        _ => "",
    };

    /// <summary>A draft to begin with.</summary>
    /// <param name="start">A template's name, a type, or nothing for blank code.</param>
    public static RewardDraft Start(string start) => RewardTemplates.Find(start) switch
    {
        { Source: { } source } => OfCode(source),
        { Instructions: { } instructions } => new() { Specification = new() { Type = RewardFunctionSpecification.ModelAsJudge, Instructions = instructions } },
        _ when start == RewardFunctionSpecification.ModelAsJudge => new() { Specification = new() { Type = start, Instructions = BlankInstructions } },
        _ when BlankTypes.Contains(start) => new() { Specification = new() { Type = start } },
        _ => OfCode(Blank),
    };

    /// <summary>A draft that continues from what is saved.</summary>
    /// <exception cref="UserInputException">Its code cannot be read.</exception>
    public static async Task<RewardDraft> OpenAsync(RewardFunctionSpecification saved, IRewardCode code, CancellationToken cancellationToken = default) => saved switch
    {
        { Type: RewardFunctionSpecification.CustomCode, File: { } file } => new()
        {
            Specification = new(),
            Code = await code.ReadAsync(file, cancellationToken),
            Requirements = saved.Requirements is { } requirements ? await code.ReadAsync(requirements, cancellationToken) : "",
        },
        { Type: RewardFunctionSpecification.CustomCode, Template: { } template } => Start(template),
        _ => new() { Specification = saved },
    };

    /// <summary>What a job runs; custom code is in a file then.</summary>
    /// <exception cref="UserInputException">The code cannot be stored.</exception>
    public async Task<RewardFunctionSpecification> SpecifyAsync(IRewardCode code, CancellationToken cancellationToken = default) =>
        Type != RewardFunctionSpecification.CustomCode ? Specification : new()
        {
            File = await code.KeepAsync(Code, cancellationToken),
            Requirements = string.IsNullOrWhiteSpace(Requirements) ? null : await code.KeepRequirementsAsync(Requirements, cancellationToken),
        };

    /// <summary>A message of the rules with the places that the editors show in place of paths such as <c>.rubric.criteria[0].name</c>.</summary>
    private static string FieldsOf(string message)
    {
        string text = Entry.Replace(message, match => $"{(match.Groups["list"].Value == "parts" ? "part" : "criterion")} {int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture) + 1}: ")
            .Replace("rewardFunction.", "", StringComparison.Ordinal)
            .Replace(" .", " ", StringComparison.Ordinal)
            .TrimStart('.', ' ');
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    [GeneratedRegex(@"\.?(?:rubric\.)?(?<list>parts|criteria)\[(?<index>\d+)\]\.")]
    private static partial Regex Entry { get; }

    /// <summary>Instructions keep their lines; the rest is what a job file says.</summary>
    private static string Written(RewardFunctionSpecification specification)
    {
        string rest = JsonSerializer.Serialize(specification with { Instructions = null }, JobSpecificationFile.Options);
        return specification.Instructions is { } instructions ? $"{instructions.TrimEnd()}\n\n{rest}\n" : rest + "\n";
    }
}
