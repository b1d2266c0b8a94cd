using System.Text.RegularExpressions;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets.InvocationLogs;

/// <summary>
/// Splits the one text that older request bodies hold into turns, by the marks that the models of the family were trained on. A text
/// without such marks is the user's.
/// </summary>
internal static partial class PromptFormats
{
    /// <summary>The turns of a <c>prompt</c>; an opened assistant turn without text is left out.</summary>
    public static List<ChatMessage> Read(string prompt) =>
        prompt.Contains("<|start_header_id|>", StringComparison.Ordinal) ? Marked(prompt, LlamaHeader, "<|eot_id|>", "<|eom_id|>", "<|begin_of_text|>", "<|end_of_text|>")
        : prompt.Contains("<|header_start|>", StringComparison.Ordinal) ? Marked(prompt, Llama4Header, "<|eot|>", "<|begin_of_text|>", "<|end_of_text|>")
        : prompt.Contains("<|im_start|>", StringComparison.Ordinal) ? Marked(prompt, ChatMarkup, "<|im_end|>")
        : prompt.Contains("<｜User｜>", StringComparison.Ordinal) ? Marked(prompt, DeepSeek, "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
        : prompt.Contains("[INST]", StringComparison.Ordinal) ? Instructions(prompt)
        : HumanTurn.IsMatch(prompt) ? Spoken(prompt, HumanTurn)
        : [new ChatMessage("user", prompt.Trim())];

    /// <summary>The turns of Titan's <c>inputText</c>, which may be a dialogue of <c>User:</c> and <c>Bot:</c>.</summary>
    public static List<ChatMessage> ReadTitan(string text) => TitanTurn.IsMatch(text) && text.AsSpan().TrimEnd().EndsWith("Bot:") ? Spoken(text, TitanTurn) : [new ChatMessage("user", text.Trim())];

    /// <summary>Turns that begin with a mark which names the role.</summary>
    private static List<ChatMessage> Marked(string prompt, Regex mark, params string[] ends)
    {
        var turns = new List<ChatMessage>();
        var marks = mark.Matches(prompt);
        Add(turns, "system", Without(prompt[..marks[0].Index], ends));
        foreach (var (index, match) in marks.Index())
        {
            var end = index + 1 < marks.Count ? marks[index + 1].Index : prompt.Length;
            Add(turns, Role(match.Groups["role"].Value), Without(prompt[(match.Index + match.Length)..end], ends));
        }

        return turns;
    }

    /// <summary>Llama 2 and Mistral: <c>[INST] &lt;&lt;SYS&gt;&gt; … &lt;&lt;/SYS&gt;&gt; question [/INST] answer &lt;/s&gt;[INST] …</c>.</summary>
    private static List<ChatMessage> Instructions(string prompt)
    {
        var turns = new List<ChatMessage>();
        foreach (Match match in Instruction.Matches(prompt))
        {
            var question = match.Groups["question"].Value;
            if (System.Match(question) is { Success: true } system)
            {
                Add(turns, "system", system.Groups["text"].Value);
                question = question[(system.Index + system.Length)..];
            }

            Add(turns, "user", question);
            Add(turns, "assistant", Without(match.Groups["answer"].Value, "</s>", "<s>"));
        }

        return turns;
    }

    /// <summary>Turns that begin with the speaker's name at the beginning of a line.</summary>
    private static List<ChatMessage> Spoken(string prompt, Regex speaker)
    {
        var turns = new List<ChatMessage>();
        var speakers = speaker.Matches(prompt);
        Add(turns, "system", prompt[..speakers[0].Index]);
        foreach (var (index, match) in speakers.Index())
        {
            var end = index + 1 < speakers.Count ? speakers[index + 1].Index : prompt.Length;
            Add(turns, match.Groups["role"].Value is "Human" or "User" ? "user" : "assistant", prompt[(match.Index + match.Length)..end]);
        }

        return turns;
    }

    private static void Add(List<ChatMessage> turns, string role, string text)
    {
        if (text.Trim() is { Length: > 0 } trimmed)
        {
            turns.Add(new ChatMessage(role, trimmed));
        }
    }

    private static string Role(string mark) => mark switch
    {
        "User" => "user",
        "Assistant" => "assistant",
        "ipython" => "tool",
        _ => mark,
    };

    private static string Without(string text, params string[] marks) => marks.Aggregate(text, (rest, mark) => rest.Replace(mark, "", StringComparison.Ordinal));

    [GeneratedRegex(@"<\|start_header_id\|>\s*(?<role>\w+)\s*<\|end_header_id\|>")]
    private static partial Regex LlamaHeader { get; }

    [GeneratedRegex(@"<\|header_start\|>\s*(?<role>\w+)\s*<\|header_end\|>")]
    private static partial Regex Llama4Header { get; }

    [GeneratedRegex(@"<\|im_start\|>\s*(?<role>\w+)")]
    private static partial Regex ChatMarkup { get; }

    [GeneratedRegex(@"<｜(?<role>User|Assistant)｜>(?:<think>\n?)?")]
    private static partial Regex DeepSeek { get; }

    [GeneratedRegex(@"\[INST\](?<question>.*?)\[/INST\](?<answer>.*?)(?=\[INST\]|\z)", RegexOptions.Singleline)]
    private static partial Regex Instruction { get; }

    [GeneratedRegex(@"<<SYS>>(?<text>.*?)<</SYS>>", RegexOptions.Singleline)]
    private static partial Regex System { get; }

    [GeneratedRegex(@"(?:\A|\n\n)\s*(?<role>Human|Assistant):")]
    private static partial Regex HumanTurn { get; }

    [GeneratedRegex(@"(?:\A|\n)\s*(?<role>User|Bot):")]
    private static partial Regex TitanTurn { get; }
}
