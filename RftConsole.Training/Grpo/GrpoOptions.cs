using System.Text.Json.Serialization;

namespace RftConsole.Training.Grpo;

/// <summary>How token losses are averaged over a batch.</summary>
public enum LossType
{
    /// <summary>By the tokens of the whole batch (Yu et al., "DAPO", 2025).</summary>
    [JsonStringEnumMemberName("dapo")]
    Dapo,

    /// <summary>Each completion's tokens first, then the completions (Shao et al., "DeepSeekMath", 2024).</summary>
    [JsonStringEnumMemberName("grpo")]
    Grpo,

    /// <summary>By the tokens of the batch; equal to <see cref="Dapo"/> where a batch is updated on as a whole.</summary>
    [JsonStringEnumMemberName("bnpo")]
    Bnpo,

    /// <summary>By completions × the completion limit, so that length has no weight (Liu et al., "Dr. GRPO", 2025).</summary>
    [JsonStringEnumMemberName("dr_grpo")]
    DrGrpo,
}

/// <summary>What advantages are divided by.</summary>
public enum AdvantageScaling
{
    /// <summary>The standard deviation within the group.</summary>
    [JsonStringEnumMemberName("group")]
    Group,

    /// <summary>The standard deviation over the whole batch.</summary>
    [JsonStringEnumMemberName("batch")]
    Batch,

    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("none")]
    None,
}

/// <summary>The constants of a GRPO update.</summary>
/// <param name="LossType">How token losses are averaged.</param>
/// <param name="KlCoefficient">Weight of the divergence from the base model; 0 leaves its forward pass out.</param>
/// <param name="ClipLow">The ratio is clipped below at 1 − this.</param>
/// <param name="ClipHigh">The ratio is clipped above at 1 + this.</param>
/// <param name="Temperature">Logits are divided by it, as they were when the completions were sampled.</param>
/// <param name="MaxCompletionTokens">The completion limit.</param>
/// <param name="MaxGradNorm">Gradients are scaled down to this joint norm.</param>
public sealed record GrpoOptions(LossType LossType, double KlCoefficient, double ClipLow, double ClipHigh, double Temperature, int MaxCompletionTokens, double MaxGradNorm);
