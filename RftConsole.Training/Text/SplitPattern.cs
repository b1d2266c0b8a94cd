using System.Text.RegularExpressions;

namespace RftConsole.Training.Text;

/// <summary>The patterns of the pre-tokenizers, read from a <c>tokenizer.json</c> into .NET expressions.</summary>
internal static partial class SplitPattern
{
    /// <summary>A hostile pattern must not hang the console; ordinary ones need microseconds.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The words of GPT-2, which the <c>ByteLevel</c> pre-tokenizer cuts unless told otherwise.</summary>
    public static UnicodeRegex ByteLevelWords { get; } = new(Gpt2Words());

    /// <summary>One numeric character.</summary>
    public static UnicodeRegex Numerics { get; } = new(Numeric());

    /// <summary>Reads <c>{"Regex": …}</c> or <c>{"String": …}</c>.</summary>
    /// <exception cref="UserInputException">The expression is damaged or uses a construct that .NET lacks.</exception>
    public static UnicodeRegex Read(JsonPlace pattern)
    {
        if (!pattern["String"].IsNull)
        {
            return Compile(pattern["String"], Regex.Escape(pattern["String"].Text()));
        }

        var expression = pattern["Regex"];
        var source = expression.Text();
        if (source.Contains("&&", StringComparison.Ordinal))
        {
            throw expression.Error("intersects character classes with &&, which is not supported");
        }

        return Compile(expression, PossessiveQuantifiers.ToAtomicGroups(source));
    }

    public static SplitBehavior ReadBehavior(JsonPlace behavior) =>
        Enum.TryParse<SplitBehavior>(behavior.Text(), out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw behavior.Error($"is \"{behavior.Text()}\": supported are {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    private static UnicodeRegex Compile(JsonPlace place, string expression)
    {
        try
        {
            return new UnicodeRegex(new Regex(expression, RegexOptions.Compiled | RegexOptions.CultureInvariant, MatchTimeout));
        }
        catch (ArgumentException e)
        {
            throw place.Error($"is not a regular expression that can be used here ({e.Message})");
        }
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Words();

    [GeneratedRegex(@"\p{N}", RegexOptions.CultureInvariant)]
    private static partial Regex Numeric();
}
