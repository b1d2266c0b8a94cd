using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RftConsole.Training.Text;

/// <summary>How much a model that can think aloud should do so, as its chat template understands it.</summary>
public enum ReasoningEffort
{
    /// <summary>The template's own default.</summary>
    [JsonStringEnumMemberName("default")]
    Default,

    [JsonStringEnumMemberName("none")]
    None,

    [JsonStringEnumMemberName("minimal")]
    Minimal,

    [JsonStringEnumMemberName("low")]
    Low,

    [JsonStringEnumMemberName("medium")]
    Medium,

    [JsonStringEnumMemberName("high")]
    High,
}

/// <summary>What a <see cref="ReasoningEffort"/> is to a chat template.</summary>
public static class ReasoningEffortExtensions
{
    /// <summary>
    /// <c>reasoning_effort</c>, and <c>enable_thinking</c> for templates that know only on and off; null where the template decides.
    /// </summary>
    public static JsonObject? TemplateVariables(this ReasoningEffort effort) => effort == ReasoningEffort.Default
        ? null
        : new() { ["reasoning_effort"] = effort.ToString().ToLowerInvariant(), ["enable_thinking"] = effort != ReasoningEffort.None };
}
