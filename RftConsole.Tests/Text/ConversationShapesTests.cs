using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class ConversationShapesTests
{
    private const string ChatMl =
        "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe kind<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>Templates that write what is said, as it is or trimmed.</summary>
    public static readonly TheoryData<string> Writing =
    [
        ChatMl,
        "{{- bos_token }}{%- for m in messages %}{%- set content = '<' + m['role'] + '>\n\n' + m['content'] | trim + '<end>' %}{{- content }}{%- endfor %}",
        "{%- if messages[0].role == 'system' %}{%- set system = messages[0].content %}{%- set rest = messages[1:] %}{%- else %}{%- set system = 'none' %}{%- set rest = messages %}{%- endif %}{{ system }}|{{ system | trim }}|{%- for m in rest %}{{ m.content ~ loop.index }}{% endfor %}",
        "{% for m in messages if true %}{% endfor %}{{ messages | length }}{{ messages[-1]['content'] }}{{ messages[0].content if messages[0].role == 'user' else 'x' }}",
        "{% for m in messages %}{% if m.content is string and m.tool_calls is not defined and 'tool_calls' not in m %}\u2003{{ m.content | trim }}\u2003{% endif %}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% endfor %}",
        "{% set ns = namespace(n=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.n = ns.n + 1 %}{% endif %}{{ ns.n }}{{ m.content }}{{ m.content }}{% endfor %}",
    ];

    /// <summary>Templates whose output depends on what is said in other ways.</summary>
    public static readonly TheoryData<string> Looking =
    [
        "{% for m in messages %}{% if 'a' in m.content %}{{ m.content }}{% endif %}{% endfor %}",
        "{% for m in messages %}{{ m.content | length }}{% endfor %}",
        "{% for m in messages %}{{ m.content.strip() }}{% endfor %}",
        "{% for m in messages %}{{ (m.role + m.content) | trim }}{% endfor %}",
        "{% for m in messages %}{{ m.content | upper }}{% endfor %}",
        "{% for m in messages %}{{ m.content or 'nothing' }}{% endfor %}",
        "{% for m in messages %}{% if m.content %}x{% endif %}{% endfor %}",
        "{% for m in messages %}{{ m | tojson }}{% endfor %}",
        "{{ messages | tojson }}",
        "{{ messages }}",
        "{{ messages[0] }}",
        "{{ messages[0].content[0] }}",
        "{{ messages[0].content[1:] }}",
        "{{ messages[0][other] }}{{ messages[0].get('content') }}",
        "{% for k, v in messages[0].items() %}{{ v | length }}{% endfor %}",
        "{% for m in messages %}{% if loop.previtem is defined and loop.previtem.content == m.content %}again{% endif %}{% endfor %}",
        "{% for m in messages %}{% set l = loop %}{{ (l.nextitem or m).content | length }}{% endfor %}",
        "{% set ns = namespace(s='') %}{% for m in messages %}{% set ns.s = m.content %}{% endfor %}{{ ns.s | length }}",
        "{% set ns = namespace(s=messages[0].content) %}{{ ns.s | length }}",
        "{% macro f() %}{{ messages[0].content }}{% endmacro %}{{ f() | length }}",
        "{% macro f(m) %}{{ m.content | length }}{% endmacro %}{{ f(messages[0]) }}",
        "{% set x %}{{ messages[0].content }}{% endset %}{{ x | length }}",
        "{% filter upper %}{{ messages[0].content }}{% endfilter %}",
        "{% for i in range(2) %}{% if last == 'a' %}A{% endif %}{% set last = messages[0].content %}{% endfor %}{% set last = messages[0].content %}{{ last | length }}",
        "{% for m in [messages[0].content] %}{{ m | length }}{% endfor %}",
        "{% for m in messages | reverse %}{{ m.content }}{% endfor %}",
        "{% set m = 'x' %}{% set m = messages[0] %}{{ m.content }}",
        "{% for m in messages %}{{ messages[m.content | length] }}{% endfor %}",
        "{% if messages[0].content is lower %}low{% endif %}",
        "{{ {'a': messages[0].content}.a | length }}",
        "{{ strftime_now('%H') }}{{ messages[0].content }}",
    ];

    private static readonly string[] s_texts =
        ["a", "", " a ", "\n\u00a0A\u2003\t", "\u0085a\u0085", "\ufeffa\ufeff", "   ", "{{ bos_token }}", "<|im_start|>é😀\"\\", "\ud83da\ude00", "\u0000\u001f<b>&amp;"];

    [Theory]
    [MemberData(nameof(Writing))]
    [MemberData(nameof(Looking))]
    public void Any_conversation_is_rendered_as_the_engine_renders_it(string source)
    {
        var engine = new JinjaEngine(source, "engine", TimeProvider.System);
        var template = ChatTemplate.Parse(source, "engine", new Dictionary<string, string> { ["bos_token"] = "<s>" });
        foreach (var conversation in Conversations())
        {
            var variables = new JsonObject
            {
                ["bos_token"] = "<s>",
                ["messages"] = new JsonArray([.. conversation.Select(message => message.ToJson())]),
                ["tools"] = null,
                ["documents"] = null,
                ["add_generation_prompt"] = true,
            };

            Assert.Equal(Result(() => engine.Render(variables.ToJsonString())), Result(() => template.Render(conversation, addGenerationPrompt: true)));
        }
    }

    [Theory]
    [MemberData(nameof(Writing))]
    public void Templates_that_write_what_is_said_are_known(string source) =>
        Assert.Equal(!source.Contains("if true", StringComparison.Ordinal), new JinjaEngine(source, "engine", TimeProvider.System).WritesContentOnly());

    [Theory]
    [MemberData(nameof(Looking))]
    public void Templates_that_look_into_what_is_said_are_known(string source) =>
        Assert.False(new JinjaEngine(source, "engine", TimeProvider.System).WritesContentOnly());

    [Fact]
    public void White_space_is_trimmed_as_the_engine_trims_it()
    {
        var template = ChatTemplate.Parse("{{ messages[0].content | trim }}", "template", new Dictionary<string, string>());
        var engine = new JinjaEngine("{{ messages[0].content | trim }}", "engine", TimeProvider.System);
        for (var unit = 0; unit < 0xD800; unit += 7)
        {
            Check($"{(char)unit}a{(char)unit}");
        }

        foreach (var unit in "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff")
        {
            Check($"{unit}a{unit}");
        }

        void Check(string content)
        {
            var variables = JsonSerializer.Serialize(new { messages = new[] { new { content } } });
            Assert.Equal(engine.Render(variables), template.Render([new("user", content)], addGenerationPrompt: false));
        }
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(1_000_000)]
    public void A_long_text_still_meets_the_limits_of_a_template(int length)
    {
        var template = ChatTemplate.Parse("{% for i in range(5000) %}{{ messages[0].content }}{% endfor %}", "template", new Dictionary<string, string>());

        Assert.Equal(5000, template.Render([new("user", "x")], addGenerationPrompt: true).Length);
        var error = Assert.Throws<UserInputException>(() => template.Render([new("user", new string('x', length))], addGenerationPrompt: true));
        Assert.Contains("takes more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_shapes_than_are_kept_are_rendered_all_the_same()
    {
        var template = ChatTemplate.Parse("{% for m in messages %}{{ m.role + ':' + m.content }}{% endfor %}", "template", new Dictionary<string, string>());
        for (var i = 0; i < 600; i++)
        {
            Assert.Equal($"role{i % 300}:{i}", template.Render([new($"role{i % 300}", $"{i}")], addGenerationPrompt: true));
        }
    }

    private static IEnumerable<ChatMessage[]> Conversations()
    {
        foreach (var (i, text) in s_texts.Index())
        {
            var other = s_texts[(i + 3) % s_texts.Length];
            yield return [new("user", text)];
            yield return [new("system", other), new("user", text)];
            yield return [new("user", text), new("assistant", "") { ToolCalls = Calls() }, new("tool", other) { ToolCallId = "c1" }];
            yield return [new("user", other), new("assistant", text) { ToolCalls = Calls() }, new("user", text), new("user", text)];
        }

        static JsonArray Calls() => JsonNode.Parse("""[{"id":"c1","function":{"name":"add","arguments":{"a":1}}}]""")!.AsArray();
    }

    private static string Result(Func<string> render)
    {
        try
        {
            return render();
        }
        catch (ChatTemplateException e)
        {
            return $"refused: {e.Message}";
        }
    }
}
