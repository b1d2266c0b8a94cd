using RftConsole.Training.Jobs;
using RftConsole.Training.Rewards;
using RftConsole.Web.Components.Rewards;
using RftConsole.Web.Jobs;
using RftConsole.Web.Rewards;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Where the wizard's reward function comes from.</summary>
public enum RewardOrigin
{
    Template,
    Own,
    Saved,
}

/// <summary>A version of the library, chosen in the wizard.</summary>
public sealed record SavedReward(string Name, RewardVersion Version)
{
    /// <summary>As people read it.</summary>
    public string Title => L["{0}, version {1}", Name, Version.Number];
}

/// <summary>What the section <em>Reward function</em> holds. What was written stays while something else is looked at.</summary>
public sealed class RewardChoice
{
    private readonly Dictionary<string, RewardDraft> _drafts = [];

    /// <summary>As in job files.</summary>
    public string Type { get; private set; } = RewardFunctionSpecification.CustomCode;

    /// <summary>Which of the members below grades.</summary>
    public RewardOrigin Origin { get; set; }

    /// <summary>A template of custom code.</summary>
    public string Template { get; set; } = "";

    /// <summary>The user's own code.</summary>
    public string Code { get; set; } = "";

    /// <summary>Packages that it may import, as in a <c>requirements.txt</c>.</summary>
    public string Requirements { get; set; } = "";

    /// <summary>What a job says of <see cref="Code"/>, once the console keeps it in files.</summary>
    public RewardFunctionSpecification? Kept { get; set; }

    /// <summary>A version of the library.</summary>
    public SavedReward? Saved { get; private set; }

    /// <summary>Whether <see cref="Code"/> grades.</summary>
    public bool IsOwnCode => Type == RewardFunctionSpecification.CustomCode && Origin == RewardOrigin.Own;

    /// <summary>Whether it is known to be good: a template as it came.</summary>
    public bool IsTemplate => Origin == RewardOrigin.Template;

    /// <summary>Whether code was written that is no copy of a template's.</summary>
    public bool HasOwnWords => Code.Length > 0 && Code != RewardDraft.Blank && RewardTemplates.All.All(template => template.Source != Code);

    /// <summary>What was set up for <see cref="Type"/>, where that is no code.</summary>
    public RewardDraft Draft => _drafts.TryGetValue(Type, out RewardDraft? draft) ? draft : _drafts[Type] = Begin(Type);

    /// <summary>What is written here, of any type.</summary>
    public RewardDraft CodeOrDraft => Type == RewardFunctionSpecification.CustomCode ? new() { Specification = new(), Code = Code, Requirements = Requirements } : Draft;

    /// <summary>What a person reads of it.</summary>
    public string Title => this switch
    {
        { Origin: RewardOrigin.Saved, Saved: { } saved } => saved.Title,
        { Type: not RewardFunctionSpecification.CustomCode } => JobMapping.RewardName(Draft.Specification),
        { IsOwnCode: true } => L["Your own code, {0} lines", Code.AsSpan().Count('\n') + 1],
        _ => RewardTemplates.Find(Template) is { } template ? L[template.Title] : Template,
    };

    /// <summary>Takes a type, with what was set up for it before.</summary>
    public void TakeType(string type)
    {
        if (type != Type)
        {
            (Type, Origin) = (type, type == RewardFunctionSpecification.CustomCode && Template.Length > 0 ? RewardOrigin.Template : RewardOrigin.Own);
        }
    }

    /// <summary>Takes what a job says, of any type but code.</summary>
    public void TakeSpecification(RewardFunctionSpecification specification)
    {
        (Type, Origin) = (specification.Type, RewardOrigin.Own);
        _drafts[Type] = new() { Specification = specification };
    }

    /// <summary>Takes a template.</summary>
    public void TakeTemplate(string name) => (Type, Origin, Template) = (RewardFunctionSpecification.CustomCode, RewardOrigin.Template, name);

    /// <summary>Takes code to edit.</summary>
    public void TakeCode(string code, string requirements = "") => (Type, Origin, Code, Requirements) = (RewardFunctionSpecification.CustomCode, RewardOrigin.Own, code, requirements);

    /// <summary>Takes a version of the library.</summary>
    public void TakeSaved(SavedReward saved) => (Type, Origin, Saved) = (saved.Version.Specification.Type, RewardOrigin.Saved, saved);

    /// <summary>Goes back to what is chosen or written here.</summary>
    public void LeaveSaved() => Origin = Type == RewardFunctionSpecification.CustomCode && Template.Length > 0 ? RewardOrigin.Template : RewardOrigin.Own;

    /// <summary>What is wrong; null where it can be used.</summary>
    public string? Check() => this switch
    {
        { Origin: RewardOrigin.Saved } => null,
        { Type: not RewardFunctionSpecification.CustomCode } => Draft.Problem,
        { IsOwnCode: true } => string.IsNullOrWhiteSpace(Code) ? L["Write lambda_handler(event, context), or use a template."] : null,
        _ => Template.Length == 0 ? L["Choose a reward template."] : null,
    };

    /// <summary>What a job file says; own code is in its file by then.</summary>
    public RewardFunctionSpecification ToSpecification() => this switch
    {
        { Origin: RewardOrigin.Saved, Saved: { } saved } => saved.Version.Specification,
        { Type: not RewardFunctionSpecification.CustomCode } => Draft.Specification,
        { IsOwnCode: true } => Kept ?? new(),
        _ => new() { Template = Template },
    };

    /// <summary>A judge begins with the first template of judges.</summary>
    private static RewardDraft Begin(string type) =>
        type == RewardFunctionSpecification.ModelAsJudge && RewardTemplates.Of(RewardKind.ModelAsJudge) is [var first, ..]
            ? new() { Specification = new() { Type = type, Template = first.Name } }
            : RewardDraft.Start(type);
}
