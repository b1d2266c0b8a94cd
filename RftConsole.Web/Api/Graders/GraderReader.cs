using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using RftConsole.Training;
using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Graders;
using RftConsole.Web.Catalogue;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Api.Graders;

/// <summary>A grader as a reward function.</summary>
/// <param name="Reward">What a job runs.</param>
/// <param name="VersionId">The version of the library that it is; null where it is none.</param>
internal sealed record TranslatedGrader(RewardFunctionSpecification Reward, string? VersionId = null);

/// <summary>
/// Reads a grader of the API, the original's and OpenAI's, and says which reward function it is: one of the library or a template, code for the sandbox, a judge, a
/// remote function, or a weighted sum of such.
/// </summary>
internal sealed partial class GraderReader(IRewardLibrary library, IRewardCode code, IJudgeEndpoints endpoints, IBaseModels models)
{
    private const int LongestText = 100_000;
    private const int LongestSource = 256_000;
    private const int MostParts = 16;
    private const int DeepestNesting = 3;

    private static readonly string[] s_types = ["lambda", "string_check", "text_similarity", "score_model", "python", "multi"];

    /// <exception cref="ApiException">It cannot be used; the error names the parameter.</exception>
    public Task<TranslatedGrader> ReadAsync(JsonPart grader, CancellationToken cancellationToken) => ReadAsync(grader, 1, cancellationToken);

    private async Task<TranslatedGrader> ReadAsync(JsonPart grader, int depth, CancellationToken cancellationToken)
    {
        JsonPart type = grader.Object().Get("type");
        switch (type.Text())
        {
            case "lambda":
                return await LambdaAsync(grader, cancellationToken);
            case "score_model":
                return new(await JudgeAsync(grader, cancellationToken));
            case "multi" when Parts(grader).Any(part => !IsCode(part.Part)):
                return new(await WeightedAsync(grader, depth, cancellationToken));
            case "string_check" or "text_similarity" or "python" or "multi":
                return new(new() { File = await code.KeepAsync(GraderCode.Of(Code(grader, depth)), cancellationToken) });
            default:
                throw ApiException.Invalid(type.Path, $"'{ApiException.Shorten(type.Text())}' is no type of grader; the types are {string.Join(", ", s_types)}.", "invalid_value");
        }
    }

    private static bool IsCode(JsonPart grader) => grader.Object().Get("type").Text() switch
    {
        "lambda" or "score_model" => false,
        "multi" => Parts(grader).All(part => IsCode(part.Part)),
        _ => true,
    };

    /// <summary>The original's grader: a reward function of the console or a template by its name, else a function of AWS Lambda. An ARN's last part is its name.</summary>
    private async Task<TranslatedGrader> LambdaAsync(JsonPart grader, CancellationToken cancellationToken)
    {
        JsonPart function = (grader.Find("lambda") ?? grader.Get("lambda")).Object() is var lambda && lambda.Find("function") is { } given ? given : lambda.Find("function_arn") ?? lambda.Get("function");
        string text = function.Text(256).Trim();
        string name = LambdaName().Match(text) is { Success: true } arn ? arn.Groups["name"].Value : text;
        if (await library.FindByNameAsync(name, cancellationToken) is { } entry)
        {
            return new(entry.Latest.Specification, entry.Latest.Id);
        }

        if (RewardTemplates.Find(name) is { } template)
        {
            return new(new()
            {
                Type = template.Kind == RewardKind.CustomCode ? RewardFunctionSpecification.CustomCode : RewardFunctionSpecification.ModelAsJudge,
                Template = template.Name,
            });
        }

        bool isRemote = text.StartsWith("arn:", StringComparison.Ordinal) || Environment.GetEnvironmentVariable(LambdaEndpointVariable) is { Length: > 0 };
        return isRemote
            ? new(new() { Type = RewardFunctionSpecification.Lambda, FunctionName = text, Endpoint = Environment.GetEnvironmentVariable(LambdaEndpointVariable) is { Length: > 0 } endpoint ? endpoint : null })
            : throw ApiException.Invalid(function.Path, $"There is no reward function and no template '{ApiException.Shorten(name)}' here; templates are {string.Join(", ", RewardTemplates.All.Select(x => x.Name))}.", "invalid_value");
    }

    /// <summary>A checked grader of code, with what the program at run time reads and nothing else.</summary>
    private static JsonObject Code(JsonPart grader, int depth)
    {
        string type = grader.Object().Get("type").Text();
        JsonObject made = new() { ["type"] = type };
        switch (type)
        {
            case "string_check":
                made["operation"] = OneOf(grader.Get("operation"), GraderCode.Operations);
                AddTexts(grader, made);
                break;
            case "text_similarity":
                made["evaluation_metric"] = OneOf(grader.Get("evaluation_metric"), GraderCode.SimilarityMetrics);
                AddTexts(grader, made);
                break;
            case "python":
                made["source"] = grader.Get("source").Text(LongestSource);
                break;
            case "multi" when depth >= DeepestNesting:
                throw ApiException.Invalid(grader.Path, $"'{grader.Path}' is nested more than {DeepestNesting} deep.");
            case "multi":
                IReadOnlyList<(string Name, JsonPart Part)> parts = Parts(grader);
                made["graders"] = new JsonObject(parts.Select(part => KeyValuePair.Create(part.Name, (JsonNode?)Code(part.Part, depth + 1))));
                made["calculate_output"] = CalculateOutput(grader, parts);
                break;
            default:
                throw ApiException.Invalid(grader.PathOf("type"), $"'{ApiException.Shorten(type)}' is no type of grader; the types are {string.Join(", ", s_types)}.", "invalid_value");
        }

        return made;
    }

    /// <summary>The parts of a <c>multi</c> grader by name: an object of graders as OpenAI documents it, or one grader or a list of them with names of their own.</summary>
    private static IReadOnlyList<(string Name, JsonPart Part)> Parts(JsonPart grader)
    {
        JsonPart given = grader.Get("graders");
        IReadOnlyList<(string Name, JsonPart Part)> parts = given.Value.ValueKind == JsonValueKind.Array ? [.. given.Items().Select(Named)]
            : given.Object().Find("type") is { Value.ValueKind: JsonValueKind.String } ? [Named(given)]
            : given.Members();
        if (parts.Count is 0 or > MostParts || parts.DistinctBy(part => part.Name).Count() != parts.Count)
        {
            throw ApiException.Invalid(given.Path, $"'{given.Path}' must hold 1 to {MostParts} graders, each under a name of its own.");
        }

        return parts.FirstOrDefault(part => !PartName().IsMatch(part.Name)) is { Name: { } wrong, Part: var place }
            ? throw ApiException.Invalid(place.Path, $"'{ApiException.Shorten(wrong)}' cannot stand in 'calculate_output': a name is made of letters, digits and _, and begins with a letter.")
            : parts;

        static (string, JsonPart) Named(JsonPart part) => (part.Object().Get("name").Text(64), part);
    }

    private static string CalculateOutput(JsonPart grader, IReadOnlyList<(string Name, JsonPart Part)> parts)
    {
        JsonPart given = grader.Get("calculate_output");
        string formula = given.Text(1000);
        // The sandbox evaluates it; what cannot be a formula is refused at once.
        if (Identifier().Matches(formula).Select(match => match.Value).FirstOrDefault(name => parts.All(part => part.Name != name) && !s_functions.Contains(name)) is { } unknown)
        {
            throw ApiException.Invalid(given.Path, $"'{ApiException.Shorten(unknown)}' in '{given.Path}' is neither the name of a grader nor one of {string.Join(", ", s_functions)}.");
        }

        return formula;
    }

    private static readonly string[] s_functions = ["min", "max", "abs", "floor", "ceil", "exp", "sqrt", "log"];

    private async Task<RewardFunctionSpecification> WeightedAsync(JsonPart grader, int depth, CancellationToken cancellationToken)
    {
        IReadOnlyList<(string Name, JsonPart Part)> parts = Parts(grader);
        JsonPart formula = grader.Get("calculate_output");
        IReadOnlyDictionary<string, double> weights;
        try
        {
            weights = LinearExpression.Weights(formula.Text(1000));
        }
        catch (UserInputException refused)
        {
            throw ApiException.Invalid(formula.Path, $"'{formula.Path}' must be a weighted sum such as '0.8 * a + 0.2 * b' where a judge or a remote function is a part: {refused.Message}.");
        }

        if (weights.Keys.FirstOrDefault(name => parts.All(part => part.Name != name)) is { } unknown)
        {
            throw ApiException.Invalid(formula.Path, $"'{ApiException.Shorten(unknown)}' in '{formula.Path}' is the name of no grader.");
        }

        if (depth >= DeepestNesting)
        {
            throw ApiException.Invalid(grader.Path, $"'{grader.Path}' is nested more than {DeepestNesting} deep.");
        }

        List<WeightedPart> weighted = [];
        foreach ((string name, JsonPart part) in parts.Where(part => weights.GetValueOrDefault(part.Name) != 0))
        {
            weighted.Add(new() { Name = name, Weight = weights[name], RewardFunction = (await ReadAsync(part, depth + 1, cancellationToken)).Reward });
        }

        return weighted.Count > 0 ? new() { Type = RewardFunctionSpecification.Weighted, Parts = weighted } : throw ApiException.Invalid(formula.Path, $"'{formula.Path}' gives every grader the weight 0.");
    }

    private async Task<RewardFunctionSpecification> JudgeAsync(JsonPart grader, CancellationToken cancellationToken)
    {
        if (grader.Find("range") is { } range && !(range.Items() is [var low, var high] && low.Number() == 0 && high.Number() == 1))
        {
            throw ApiException.Invalid(range.Path, $"'{range.Path}' must be [0, 1]: a judge's score lies between 0 and 1 here.");
        }

        JsonPart input = grader.Get("input");
        IReadOnlyList<JsonPart> turns = input.Items();
        string instructions = string.Join("\n\n", turns.Select(turn => InputText(turn.Object().Get("content"))));
        if (turns.Count == 0 || instructions.Length is 0 or > LongestText)
        {
            throw ApiException.Invalid(input.Path, $"'{input.Path}' must hold 1 to {LongestText} characters of text.");
        }

        return new() { Type = RewardFunctionSpecification.ModelAsJudge, JudgeModel = await JudgeModelAsync(grader.Get("model"), cancellationToken), Instructions = Placeholders(instructions, input.Path) };
    }

    private async Task<JudgeModel> JudgeModelAsync(JsonPart given, CancellationToken cancellationToken)
    {
        string name = given.Text(256);
        IReadOnlyList<JudgeEndpoint> known = await endpoints.ListAsync(cancellationToken);
        if ((known.FirstOrDefault(endpoint => endpoint.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? known.FirstOrDefault(endpoint => endpoint.Model == name)) is { } judge)
        {
            return judge.ToJudgeModel();
        }

        string[] ready = [.. (await models.ListAsync(cancellationToken)).Where(model => model.Status == BaseModelStatus.Ready).Select(model => model.Name)];
        return ready.Contains(name)
            ? new(name)
            : throw ApiException.Invalid(given.Path, $"There is no judge '{ApiException.Shorten(name)}' here; judges are {string.Join(", ", known.Select(endpoint => endpoint.Name).Concat(ready))}.", "model_not_found");
    }

    private static string InputText(JsonPart content) => content.Value.ValueKind switch
    {
        JsonValueKind.String => content.Text(),
        JsonValueKind.Object => content.Get("text").Text(),
        JsonValueKind.Array => string.Concat(content.Items().Select(part => part.Object().Get("text").Text())),
        _ => throw content.WrongType("a text or text parts"),
    };

    /// <summary>The placeholders of judges for those of OpenAI; keys of the record stay as they are.</summary>
    private static string Placeholders(string text, string path)
    {
        string replaced = OutputText().Replace(ItemMessages().Replace(text, "{prompt}"), "{completion}");
        return SamplePath().Match(replaced) is { Success: true } other
            ? throw ApiException.Invalid(path, $"'{other.Value}' cannot be shown to a judge here; use {{{{ sample.output_text }}}}.")
            : replaced;
    }

    private static void AddTexts(JsonPart grader, JsonObject made)
    {
        foreach (string name in (string[])["input", "reference"])
        {
            JsonPart given = grader.Get(name);
            string text = given.Text();
            if (text.Length > LongestText)
            {
                throw ApiException.Invalid(given.Path, $"'{given.Path}' has {text.Length} characters; at most {LongestText} are allowed.");
            }

            if (Template().Matches(text).FirstOrDefault(match => match.Groups["root"].Value is not ("item" or "sample")) is { } foreign)
            {
                throw ApiException.Invalid(given.Path, $"'{ApiException.Shorten(foreign.Value)}' in '{given.Path}': a template reads item.… or sample.….");
            }

            made[name] = text;
        }
    }

    private static string OneOf(JsonPart given, IReadOnlyList<string> known) =>
        known.Contains(given.Text()) ? given.Text() : throw ApiException.Invalid(given.Path, $"'{ApiException.Shorten(given.Text())}' is not known as '{given.Path}'; use one of {string.Join(", ", known)}.", "invalid_value");

    /// <summary>Where functions of AWS Lambda are called that an emulator speaks for, as AWS's own tools read it.</summary>
    private const string LambdaEndpointVariable = "AWS_ENDPOINT_URL_LAMBDA";

    [GeneratedRegex(@"^arn:aws[\w-]*:lambda:[\w-]*:\d*:function:(?<name>[^:]+)(?::[^:]+)?$")]
    private static partial Regex LambdaName();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    private static partial Regex PartName();

    [GeneratedRegex(@"(?<![\w.])[A-Za-z_]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\{\{\s*(?<root>[A-Za-z_]\w*)[^}]*\}\}")]
    private static partial Regex Template();

    [GeneratedRegex(@"\{\{\s*sample\.output_text\s*\}\}")]
    private static partial Regex OutputText();

    [GeneratedRegex(@"\{\{\s*item\.messages\s*\}\}")]
    private static partial Regex ItemMessages();

    [GeneratedRegex(@"\{\{\s*sample\.[^}]*\}\}")]
    private static partial Regex SamplePath();
}
