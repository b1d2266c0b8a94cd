namespace RftConsole.Training.Grpo;

/// <summary>What the loss of one token needs.</summary>
/// <param name="New">Log-probability under the policy that is trained.</param>
/// <param name="Old">Log-probability under the policy that sampled it.</param>
/// <param name="Reference">Log-probability under the base model; read only where the KL coefficient is not 0.</param>
/// <param name="Advantage">The completion's advantage.</param>
/// <param name="Weight">The token's share of the batch's loss, see <see cref="PolicyLoss.TokenWeight"/>.</param>
public readonly record struct TokenLossInputs(double New, double Old, double Reference, double Advantage, double Weight);

/// <summary>The loss of one token.</summary>
/// <param name="Loss">Weighted loss.</param>
/// <param name="Gradient">Its derivative with respect to <see cref="TokenLossInputs.New"/>.</param>
/// <param name="Kl">The estimate of the divergence from the base model, unweighted.</param>
/// <param name="ClippedLow">Whether the ratio fell below its range where the advantage is negative.</param>
/// <param name="ClippedHigh">Whether it rose above its range where the advantage is positive.</param>
public readonly record struct TokenLoss(double Loss, double Gradient, double Kl, bool ClippedLow, bool ClippedHigh);

/// <summary>
/// The clipped policy loss of GRPO by token (Schulman et al., "PPO", 2017, equation 7, with the asymmetric range of DAPO), with the k3 estimate of the
/// divergence from the base model (Schulman, "Approximating KL divergence", 2020), weighted by the ratio because the tokens were sampled by the old policy
/// (DeepSeek-V3.2, 2025, section 3.1): with that weight the gradient is unbiased, and it is what the reference implementation computes. The derivative is written out, so that no graph over the vocabulary is kept.
/// </summary>
public static class PolicyLoss
{
    public static TokenLoss Of(TokenLossInputs token, GrpoOptions options)
    {
        double ratio = Math.Exp(token.New - token.Old);
        double clipped = Math.Clamp(ratio, 1 - options.ClipLow, 1 + options.ClipHigh);
        double open = ratio * token.Advantage;
        bool isOpen = open <= clipped * token.Advantage;
        double loss = -Math.Min(open, clipped * token.Advantage);
        double gradient = isOpen ? -open : 0;
        double kl = 0;
        if (options.KlCoefficient != 0)
        {
            double difference = token.Reference - token.New;
            kl = ratio * (Math.Exp(difference) - difference - 1);
            loss += options.KlCoefficient * kl;
            gradient -= options.KlCoefficient * ratio * difference;
        }

        return new(
            token.Weight * loss,
            token.Weight * gradient,
            kl,
            token.Advantage < 0 && ratio < 1 - options.ClipLow,
            token.Advantage > 0 && ratio > 1 + options.ClipHigh);
    }

    /// <summary>The share that each token of a completion has in the loss of its batch.</summary>
    /// <param name="options">Loss type and completion limit.</param>
    /// <param name="completionTokens">Tokens of the completion.</param>
    /// <param name="batchTokens">Tokens of all completions of the batch.</param>
    /// <param name="completions">Completions of the batch.</param>
    public static double TokenWeight(GrpoOptions options, int completionTokens, long batchTokens, int completions) => options.LossType switch
    {
        LossType.Dapo or LossType.Bnpo => 1.0 / batchTokens,
        LossType.Grpo => 1.0 / ((double)completions * completionTokens),
        LossType.DrGrpo => 1.0 / ((double)completions * options.MaxCompletionTokens),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.LossType, null),
    };
}
