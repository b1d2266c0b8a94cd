namespace RftConsole.Training.Jobs;

/// <summary>Keys of a step's metrics, as the widest-used open trainer names them; those without a counterpart there are ours.</summary>
public static class MetricNames
{
    public const string Reward = "reward";
    public const string RewardStd = "reward_std";
    public const string RewardMargin = "reward_margin";
    public const string Accuracy = "accuracy";
    public const string ZeroSpreadShare = "frac_reward_zero_std";
    public const string RewardErrors = "reward_errors";
    public const string RewardUnjudged = "reward_unjudged";
    public const string Loss = "loss";
    public const string Entropy = "entropy";
    public const string Kl = "kl";
    public const string GradNorm = "grad_norm";
    public const string LearningRate = "learning_rate";
    public const string Epoch = "epoch";
    public const string TokenCount = "num_tokens";
    public const string MeanLength = "completions/mean_length";
    public const string MinLength = "completions/min_length";
    public const string MaxLength = "completions/max_length";
    public const string ClippedRatio = "completions/clipped_ratio";
    public const string ClipLow = "clip_ratio/low_mean";
    public const string ClipHigh = "clip_ratio/high_mean";
    public const string LogProbabilityGap = "sampler_trainer_logprob_gap";
    public const string StepTime = "step_time";
    public const string RolloutTime = "time/rollout";
    public const string RewardTime = "time/reward";
    public const string UpdateTime = "time/update";

    /// <summary>Seconds that the checkpoint before this step took: a step's own metrics are in its checkpoint.</summary>
    public const string CheckpointTime = "time/checkpoint";

    public const string ValidationReward = "eval/reward";
    public const string ValidationAccuracy = "eval/accuracy";
    public const string ValidationMeanLength = "eval/completions/mean_length";
}
