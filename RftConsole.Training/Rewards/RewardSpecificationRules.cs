using RftConsole.Training.Jobs;

namespace RftConsole.Training.Rewards;

/// <summary>What can be said about a reward function's specification without starting anything.</summary>
public static class RewardSpecificationRules
{
    /// <summary>Nested deeper, nobody can read what a score is made of.</summary>
    private const int MostParts = 16;

    private const int DeepestNesting = 3;

    private static readonly string[] s_customCode = ["template", "file", "requirements"];
    private static readonly string[] s_lambda = ["endpoint", "functionName", "region", "profile", "credentials"];
    private static readonly string[] s_judge = ["judgeModel", "template", "instructions", "scoring", "rubric", "limits"];
    private static readonly string[] s_weighted = ["parts"];

    /// <summary>Checks every field, those of parts too.</summary>
    /// <param name="reward">What the job file says.</param>
    /// <param name="field">What errors call it.</param>
    /// <exception cref="UserInputException">A field cannot be used; the message begins with its path.</exception>
    public static void Check(RewardFunctionSpecification reward, string field = "rewardFunction") => Check(reward, field, 1);

    /// <summary>
    /// The least score that counts as accurate: 1 for code, 0.5 for a judge; of parts, what they score together where each is at its own threshold.
    /// </summary>
    public static double AccuracyThreshold(RewardFunctionSpecification reward) => reward.Type switch
    {
        RewardFunctionSpecification.ModelAsJudge => 0.5,
        // Summed as the scores are, so that full marks reach it to the last bit. A penalty that is not incurred scores 0.
        RewardFunctionSpecification.Weighted => (reward.Parts ?? []).Aggregate(0.0, (sum, part) => sum + (part.Weight > 0 ? part.Weight * AccuracyThreshold(part.RewardFunction) : 0)),
        _ => 1,
    };

    /// <summary>Whether it needs models of this process: a judge that is no endpoint, in a part too.</summary>
    public static bool NeedsModels(RewardFunctionSpecification reward) =>
        (reward.Type == RewardFunctionSpecification.ModelAsJudge && reward.JudgeModel?.BaseUrl is null) || (reward.Parts ?? []).Any(part => NeedsModels(part.RewardFunction));

    private static void Check(RewardFunctionSpecification reward, string field, int depth)
    {
        switch (reward.Type)
        {
            case RewardFunctionSpecification.CustomCode:
                RequireOnly(reward, field, s_customCode);
                CheckCode(reward, field);
                break;
            case RewardFunctionSpecification.Lambda:
                RequireOnly(reward, field, s_lambda);
                CheckLambda(reward, field);
                break;
            case RewardFunctionSpecification.ModelAsJudge:
                RequireOnly(reward, field, s_judge);
                CheckJudge(reward, field);
                break;
            case RewardFunctionSpecification.Weighted:
                RequireOnly(reward, field, s_weighted);
                CheckParts(reward.Parts, field + ".parts", depth);
                break;
            default:
                throw new UserInputException($"{field}.type is '{reward.Type}'; it must be one of {string.Join(", ", RewardFunctionSpecification.Types)}.");
        }
    }

    private static void CheckCode(RewardFunctionSpecification reward, string field)
    {
        switch (reward.Template, reward.File)
        {
            case (null, null):
                throw new UserInputException($"{field} names neither a template nor a file; set {field}.template or {field}.file.");
            case ({ }, { }):
                throw new UserInputException($"{field} names both a template and a file; keep one of {field}.template and {field}.file.");
            case ({ } template, null):
                RequireTemplate(template, RewardKind.CustomCode, field);
                break;
        }
    }

    private static void RequireTemplate(string name, RewardKind kind, string field)
    {
        RewardTemplate? found = RewardTemplates.Find(name);
        Require(
            found is not null,
            field + ".template",
            $"'{name}' is not known; the templates are: {string.Join(", ", RewardTemplates.Of(kind).Select(known => known.Name))}");
        Require(
            found!.Kind == kind,
            field + ".template",
            kind == RewardKind.CustomCode
                ? $"'{name}' is judged by a model; set {field}.type to {RewardFunctionSpecification.ModelAsJudge}, or take a template of custom code: {string.Join(", ", RewardTemplates.Of(kind).Select(known => known.Name))}"
                : $"'{name}' is custom code; set {field}.type to {RewardFunctionSpecification.CustomCode}, or take a judge's template: {string.Join(", ", RewardTemplates.Of(kind).Select(known => known.Name))}");
    }

    private static void CheckLambda(RewardFunctionSpecification reward, string field)
    {
        Require(!string.IsNullOrWhiteSpace(reward.FunctionName), field + ".functionName", "is missing; give the name or the ARN of a function");
        Require(reward.Endpoint is null || IsHttp(reward.Endpoint), field + ".endpoint", $"'{reward.Endpoint}' is not an http or https address");
        Require(reward.Profile is null || reward.Credentials is null, field + ".credentials", $"stands beside a profile; keep one of {field}.profile and {field}.credentials");
    }

    private static void CheckJudge(RewardFunctionSpecification reward, string field)
    {
        if (reward.JudgeModel is { } judge)
        {
            Require(judge.BaseUrl is not null || !string.IsNullOrWhiteSpace(judge.Name), field + ".judgeModel", "is empty; give a model's name, or an object with baseUrl and model");
            Require(judge.BaseUrl is null || IsHttp(judge.BaseUrl), field + ".judgeModel.baseUrl", $"'{judge.BaseUrl}' is not an http or https address");
            Require(judge.BaseUrl is null || !string.IsNullOrWhiteSpace(judge.Model), field + ".judgeModel.model", "is missing; give the model's name at the endpoint");
            Require(judge.ApiKeyEnv is null or { Length: > 0 }, field + ".judgeModel.apiKeyEnv", "is empty; name a variable, or leave it out");
        }

        Require(reward.Template is null || reward.Instructions is null, field + ".instructions", $"stand beside a template; keep one of {field}.template and {field}.instructions");
        Require(reward.Template is not null || reward.Instructions is not null || reward.Rubric is not null, field, $"has nothing to judge by; set {field}.template, {field}.instructions or {field}.rubric");
        if (reward.Template is { } template)
        {
            RequireTemplate(template, RewardKind.ModelAsJudge, field);
        }

        Require(reward.Instructions is null || !string.IsNullOrWhiteSpace(reward.Instructions), field + ".instructions", "are empty");
        Require(reward.Scoring is null || Enum.IsDefined(reward.Scoring.Value), field + ".scoring", "must be probability or json");
        CheckRubric(reward, field);
        if (reward.Limits is { } limits)
        {
            Range(limits.Concurrency, 1, 256, field + ".limits.concurrency");
            Range(limits.RequestsPerMinute, 1, 1_000_000, field + ".limits.requestsPerMinute");
            Range(limits.TimeoutSeconds, 0.1, 900, field + ".limits.timeoutSeconds");
            Range(limits.MaxTokens, 1, 32_768, field + ".limits.maxTokens");
            Range(limits.CallBudget, 1, int.MaxValue, field + ".limits.callBudget");
        }
    }

    private static void CheckRubric(RewardFunctionSpecification reward, string field)
    {
        if (reward.Rubric is not { } rubric)
        {
            return;
        }

        Require(rubric.Criteria.Count > 0, field + ".rubric.criteria", "is empty; give at least one criterion");
        Require(rubric.Criteria.Count <= 50, field + ".rubric.criteria", $"has {rubric.Criteria.Count} entries; at most 50 are allowed");
        HashSet<string> names = [];
        foreach (var (index, criterion) in rubric.Criteria.Index())
        {
            string place = $"{field}.rubric.criteria[{index}]";
            Require(criterion.Name.Length is > 0 and <= 64 && criterion.Name.All(x => char.IsAsciiLetterOrDigit(x) || x is '_' or '-'), place + ".name", $"'{criterion.Name}' must be 1 to 64 letters, digits, _ and -");
            Require(criterion.Name is not ("score" or "reasoning"), place + ".name", $"'{criterion.Name}' is a key of the judge's answer; take another name");
            Require(names.Add(criterion.Name), place + ".name", $"'{criterion.Name}' stands twice");
            Require(!string.IsNullOrWhiteSpace(criterion.Description), place + ".description", "is empty");
            Require(criterion.Weight > 0 && double.IsFinite(criterion.Weight), place + ".weight", FormattableString.Invariant($"is {criterion.Weight}; it must be above 0"));
        }

        Require(reward.Scoring != JudgeScoring.Probability || rubric.Calls != RubricCalls.One, field + ".rubric.calls", "is one, and a probability answers only one question; set it to each");
    }

    private static void CheckParts(IReadOnlyList<WeightedPart>? parts, string field, int depth)
    {
        Require(parts is { Count: > 0 }, field, "is empty; give at least one part with weight and rewardFunction");
        Require(parts!.Count <= MostParts, field, $"has {parts.Count} entries; at most {MostParts} are allowed");
        Require(depth < DeepestNesting, field, $"is nested more than {DeepestNesting} deep");
        HashSet<string> names = [];
        foreach (var (index, part) in parts.Index())
        {
            string place = $"{field}[{index}]";
            Require(part.Weight != 0 && double.IsFinite(part.Weight), place + ".weight", FormattableString.Invariant($"is {part.Weight}; it must be a number other than 0"));
            Require(part.Name is null || (part.Name.Length is > 0 and <= 64 && !part.Name.Contains('/', StringComparison.Ordinal)), place + ".name", $"'{part.Name}' must have 1 to 64 characters and no /");
            Require(part.Name is null || names.Add(part.Name), place + ".name", $"'{part.Name}' stands twice");
            Check(part.RewardFunction, place + ".rewardFunction", depth + 1);
        }
    }

    private static void RequireOnly(RewardFunctionSpecification reward, string field, string[] allowed)
    {
        (string Key, object? Value)[] all =
        [
            ("template", reward.Template), ("file", reward.File), ("requirements", reward.Requirements), ("endpoint", reward.Endpoint), ("functionName", reward.FunctionName), ("region", reward.Region),
            ("profile", reward.Profile), ("credentials", reward.Credentials), ("judgeModel", reward.JudgeModel), ("instructions", reward.Instructions), ("scoring", reward.Scoring),
            ("rubric", reward.Rubric), ("limits", reward.Limits), ("parts", reward.Parts),
        ];
        foreach ((string key, object? value) in all)
        {
            Require(value is null || allowed.Contains(key), $"{field}.{key}", $"is not a key of type {reward.Type}; its keys are {string.Join(", ", allowed)}");
        }
    }

    private static bool IsHttp(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.UserInfo.Length == 0;

    private static void Range(double? value, double low, double high, string field) =>
        Require(value is null || (value >= low && value <= high), field, FormattableString.Invariant($"is {value}; it must lie between {low} and {high}"));

    private static void Require(bool holds, string field, string rule)
    {
        if (!holds)
        {
            throw new UserInputException($"{field} {rule}.");
        }
    }
}
