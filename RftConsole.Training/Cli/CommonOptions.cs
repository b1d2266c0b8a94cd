using System.CommandLine;

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
}
