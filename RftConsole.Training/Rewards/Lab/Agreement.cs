namespace RftConsole.Training.Rewards.Lab;

/// <summary>A response that a person has graded, and what the function gave it.</summary>
/// <param name="Grade">The person's grade from 0 to 1.</param>
/// <param name="Score">The function's score; null where it gave none.</param>
public sealed record GradedPair(double Grade, double? Score);

/// <summary>
/// How far a reward function agrees with a person, both read as pass or fail. Responses without a score are counted as missing and in nothing else.
/// </summary>
/// <param name="Compared">Responses with a score.</param>
/// <param name="Missing">Responses without one.</param>
/// <param name="Accuracy">The share of the compared that pass or fail on both sides; null without any.</param>
/// <param name="BalancedAccuracy">The mean of the shares among the person's passes and among the person's fails, so that a function that passes everything gets one half; null where either kind is missing.</param>
/// <param name="WrongPasses">What the function passes and the person fails: what a policy will exploit.</param>
/// <param name="WrongFails">What the function fails and the person passes.</param>
public sealed record Agreement(int Compared, int Missing, double? Accuracy, double? BalancedAccuracy, int WrongPasses, int WrongFails)
{
    /// <summary>From here on a person passes a response.</summary>
    public const double PassGrade = 0.5;

    /// <param name="pairs">Grades and scores.</param>
    /// <param name="threshold">The least score that counts as a pass.</param>
    public static Agreement Of(IReadOnlyList<GradedPair> pairs, double threshold)
    {
        (bool Wanted, bool Given)[] compared = [.. pairs.Where(pair => pair.Score is not null).Select(pair => (pair.Grade >= PassGrade, Passes(pair.Score!.Value, threshold)))];
        double? passes = Share(compared, wanted: true);
        double? fails = Share(compared, wanted: false);
        return new(
            compared.Length,
            pairs.Count - compared.Length,
            compared.Length == 0 ? null : compared.Count(pair => pair.Wanted == pair.Given) / (double)compared.Length,
            (passes + fails) / 2,
            compared.Count(pair => pair is { Wanted: false, Given: true }),
            compared.Count(pair => pair is { Wanted: true, Given: false }));
    }

    /// <summary>Whether a score counts as a pass; rounding is no failure.</summary>
    public static bool Passes(double score, double threshold) => score >= threshold - 1e-9;

    private static double? Share((bool Wanted, bool Given)[] compared, bool wanted)
    {
        bool[] given = [.. compared.Where(pair => pair.Wanted == wanted).Select(pair => pair.Given == wanted)];
        return given.Length == 0 ? null : given.Count(right => right) / (double)given.Length;
    }
}
