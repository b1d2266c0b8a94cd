using System.Text.Json;
using System.Text.Json.Serialization;

namespace RftConsole.Training.Jobs;

/// <summary>
/// What grades the completions. <see cref="Type"/> says which of the other members apply; the rest must be null, and
/// <see cref="Rewards.RewardSpecificationRules"/> names those that are not.
/// </summary>
public sealed record RewardFunctionSpecification
{
    public const string CustomCode = "customCode";

    public const string Lambda = "lambda";

    public const string ModelAsJudge = "modelAsJudge";

    public const string Weighted = "weighted";

    /// <summary>All types, in the order of the job file's documentation.</summary>
    public static IReadOnlyList<string> Types { get; } = [CustomCode, Lambda, ModelAsJudge, Weighted];

    public string Type { get; init; } = CustomCode;

    /// <summary><c>customCode</c>, <c>modelAsJudge</c>: the name of a template.</summary>
    public string? Template { get; init; }

    /// <summary><c>customCode</c>: a Python file.</summary>
    public string? File { get; init; }

    /// <summary><c>customCode</c>: a <c>requirements.txt</c> whose packages the code may import; null for the standard library alone.</summary>
    public string? Requirements { get; init; }

    /// <summary><c>lambda</c>: base address of an endpoint that speaks the Invoke API; null for AWS in <see cref="Region"/>.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>lambda</c>: name, partial ARN or ARN of the function; an ARN's region counts before <see cref="Region"/>.</summary>
    public string? FunctionName { get; init; }

    /// <summary><c>lambda</c>: null for that of the ARN, of the environment (<c>AWS_REGION</c>) or of the profile.</summary>
    public string? Region { get; init; }

    /// <summary><c>lambda</c>: a profile of the shared AWS files; null for the environment's credentials, else the profile <c>default</c>.</summary>
    public string? Profile { get; init; }

    /// <summary><c>lambda</c>: names of the variables that hold credentials, in place of a profile.</summary>
    public CredentialVariables? Credentials { get; init; }

    /// <summary><c>modelAsJudge</c>: who judges; null for the embedded model.</summary>
    public JudgeModel? JudgeModel { get; init; }

    /// <summary>
    /// <c>modelAsJudge</c>: what the judge is told, in place of a template, with the placeholders <c>{prompt}</c>, <c>{completion}</c> and <c>{reference_answer}</c>.
    /// </summary>
    public string? Instructions { get; init; }

    /// <summary><c>modelAsJudge</c>: how an answer becomes a score; null for probability with a model of the console and JSON with an endpoint.</summary>
    public JudgeScoring? Scoring { get; init; }

    /// <summary><c>modelAsJudge</c>: pass/fail criteria; the score is the weighted share of those that are met.</summary>
    public JudgeRubric? Rubric { get; init; }

    /// <summary><c>modelAsJudge</c>: limits of the calls; null for the defaults.</summary>
    public JudgeLimits? Limits { get; init; }

    /// <summary><c>weighted</c>: the parts; the score is the sum of weight × score, and weights are not normalised.</summary>
    public IReadOnlyList<WeightedPart>? Parts { get; init; }

    /// <summary>By content, lists included: two specifications are equal where their job files are.</summary>
    public bool Equals(RewardFunctionSpecification? other) => ReferenceEquals(this, other) || (other is not null && Json() == other.Json());

    /// <inheritdoc/>
    public override int GetHashCode() => Json().GetHashCode(StringComparison.Ordinal);

    private string Json() => JsonSerializer.Serialize(this, JobSpecificationFile.Options);
}

/// <summary>One part of a weighted reward.</summary>
public sealed record WeightedPart
{
    /// <summary>The beginning of its metrics' names; null for one made of the function's name.</summary>
    public string? Name { get; init; }

    /// <summary>Any finite number but 0; below 0 the part is a penalty.</summary>
    public required double Weight { get; init; }

    /// <summary>The part, of any type.</summary>
    public required RewardFunctionSpecification RewardFunction { get; init; }
}

/// <summary>Names of environment variables, or of the console's secrets, that hold AWS credentials.</summary>
public sealed record CredentialVariables
{
    public required string AccessKeyIdEnv { get; init; }

    public required string SecretAccessKeyEnv { get; init; }

    /// <summary>Null for lasting credentials.</summary>
    public string? SessionTokenEnv { get; init; }
}

/// <summary>How a judge's answer becomes a score.</summary>
public enum JudgeScoring
{
    /// <summary>The probability of <c>yes</c> over that of <c>yes</c> and <c>no</c> as the answer's first token.</summary>
    [JsonStringEnumMemberName("probability")]
    Probability,

    /// <summary>Generated JSON with <c>score</c> and <c>reasoning</c>.</summary>
    [JsonStringEnumMemberName("json")]
    Json,
}

/// <summary>How many calls a rubric takes.</summary>
public enum RubricCalls
{
    /// <summary>One call that answers all criteria.</summary>
    [JsonStringEnumMemberName("one")]
    One,

    /// <summary>One call for each criterion.</summary>
    [JsonStringEnumMemberName("each")]
    Each,
}

/// <summary>Pass/fail criteria.</summary>
public sealed record JudgeRubric
{
    /// <summary>At least one.</summary>
    public required IReadOnlyList<RubricCriterion> Criteria { get; init; }

    /// <summary>How they are asked; null for one call with JSON and one call each with probability, which can answer only one question.</summary>
    public RubricCalls? Calls { get; init; }
}

/// <summary>A criterion that a response meets or does not.</summary>
public sealed record RubricCriterion
{
    /// <summary>A key of letters, digits, <c>_</c> and <c>-</c>: the name of its metric.</summary>
    public required string Name { get; init; }

    /// <summary>What it takes to pass, as a statement about the response.</summary>
    public required string Description { get; init; }

    /// <summary>Above 0.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>Limits of a judge's calls. A model of the console heeds <see cref="MaxTokens"/> alone.</summary>
public sealed record JudgeLimits
{
    /// <summary>Calls under way at a time.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>Most calls begun in a minute; null for no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Seconds that one call may take.</summary>
    public double TimeoutSeconds { get; init; } = 60;

    /// <summary>Most tokens of an answer.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>
    /// Calls that one run of the job may make; null for no limit. At 80 % there is a warning; used up, the job pauses, and resuming it grants as many again.
    /// </summary>
    public int? CallBudget { get; init; }
}
