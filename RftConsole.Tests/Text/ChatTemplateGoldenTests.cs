using System.Text.Json;

using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class ChatTemplateGoldenTests
{
    private const string File = "chat.jsonl";

    [Theory]
    [MemberData(nameof(Goldens.Sets), MemberType = typeof(Goldens))]
    public void Every_conversation_has_the_reference_text_and_ids(string set)
    {
        var lines = Goldens.LinesOf(set, File);
        var folder = Goldens.TokenizerFolderOf(set);
        var template = ChatTemplate.Load(folder);
        var tokenizer = Tokenizer.Load(folder);

        Assert.All(lines, line =>
        {
            var text = template.Render(Messages(line), line.GetProperty("add_generation_prompt").GetBoolean());
            Assert.Equal(line.GetProperty("text").GetString(), text);
            Assert.Equal(line.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), tokenizer.Encode(text));
        });
        Assert.NotEmpty(lines);
    }

    [Fact]
    public void At_least_one_set_was_compared() => Assert.NotEmpty(Goldens.SetsWith(File));

    private static List<ChatMessage> Messages(JsonElement line) =>
        [.. line.GetProperty("messages").EnumerateArray().Select(message =>
            new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))];
}
