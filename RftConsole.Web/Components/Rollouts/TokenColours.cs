namespace RftConsole.Web.Components.Rollouts;

/// <summary>What the tokens of an answer are coloured by.</summary>
public enum TokenColours
{
    None,

    /// <summary>The less likely the policy found a token, the stronger.</summary>
    Probability,

    /// <summary>How far the policy moved from the base model: more likely or less likely than before.</summary>
    Change,
}
