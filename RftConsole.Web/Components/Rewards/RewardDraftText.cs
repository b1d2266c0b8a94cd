using RftConsole.Training.Jobs;

namespace RftConsole.Web.Components.Rewards;

/// <summary>What a browser keeps of a <see cref="RewardDraft"/> that is not saved.</summary>
internal sealed record RewardDraftText(RewardFunctionSpecification Specification, string Code, string Requirements);
