using System.CommandLine;

using RftConsole.Training.Generation;

namespace RftConsole.Training.Cli;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "One machine-readable object on standard output" };

    public static Option<string> Model() => new("--model") { Description = "A registered name (starter), a Hugging Face model folder or a GGUF file", Required = true };

    public static Option<string?> Adapter() => new("--adapter") { Description = "A PEFT adapter folder" };

    public static Option<int> MaxTokens(int fallback) => new("--max-tokens") { Description = "Most tokens of a completion", DefaultValueFactory = _ => fallback };

    public static Option<double> Temperature() => new("--temperature") { Description = "0 (the default) is greedy" };

    public static Option<double> TopP() => new("--top-p") { Description = "Sample from the likeliest tokens that together reach this probability", DefaultValueFactory = _ => 1 };

    public static Option<long> Seed() => new("--seed") { Description = "The same seed gives the same text", DefaultValueFactory = _ => 42 };

    /// <exception cref="UserInputException">A value is outside its range; the message names the option.</exception>
    public static void Check(SamplingOptions options)
    {
        if (!(options.Temperature is 0 or (>= 0.01 and <= 5)))
        {
            throw new UserInputException(FormattableString.Invariant($"--temperature: {options.Temperature} is neither 0 nor within 0.01 to 5"));
        }

        if (!(options.TopP is > 0 and <= 1))
        {
            throw new UserInputException(FormattableString.Invariant($"--top-p: {options.TopP} is outside 0 to 1"));
        }

        if (options.MaxTokens < 1)
        {
            throw new UserInputException(FormattableString.Invariant($"--max-tokens: {options.MaxTokens} is below 1"));
        }
    }
}
