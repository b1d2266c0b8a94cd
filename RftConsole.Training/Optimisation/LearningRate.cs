using System.Text.Json.Serialization;

namespace RftConsole.Training.Optimisation;

/// <summary>How the learning rate changes over a run, after its warm-up.</summary>
public enum LearningRateSchedule
{
    [JsonStringEnumMemberName("constant")]
    Constant,

    [JsonStringEnumMemberName("linear")]
    Linear,

    [JsonStringEnumMemberName("cosine")]
    Cosine,
}

/// <summary>The learning rate of each step as a pure function.</summary>
public static class LearningRate
{
    /// <param name="schedule">Shape after the warm-up; linear and cosine end at zero.</param>
    /// <param name="peak">The largest rate.</param>
    /// <param name="step">Step, from 1.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="warmupSteps">Steps of the linear rise.</param>
    public static double At(LearningRateSchedule schedule, double peak, int step, int totalSteps, int warmupSteps)
    {
        if (step <= warmupSteps)
        {
            return peak * step / warmupSteps;
        }

        double done = (double)(step - 1 - warmupSteps) / Math.Max(1, totalSteps - warmupSteps);
        return schedule switch
        {
            LearningRateSchedule.Constant => peak,
            LearningRateSchedule.Linear => peak * (1 - done),
            LearningRateSchedule.Cosine => peak * 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule, null),
        };
    }
}
