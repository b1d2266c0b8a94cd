using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Text;

public sealed class ChatTemplateTests
{
    private static readonly ChatMessage[] Greeting = [new("user", "Hi {{ bos_token }} <b>\"é😀\"")];

    [Fact]
    public void Variables_of_transformers_are_there()
    {
        var template = Parse(
            "{{ bos_token }}|{% for m in messages %}{{ m.role }}:{{ m['content'] }}{% endfor %}|{{ eos_token }}|{{ tools is none }}|{{ pad_token is defined }}|{{ add_generation_prompt }}",
            new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });

        Assert.Equal("<s>|user:Hi {{ bos_token }} <b>\"é😀\"|</s>|true|false|false", template.Render(Greeting, addGenerationPrompt: false).Replace("True", "true").Replace("False", "false"));
    }

    [Fact]
    public void Blocks_leave_no_white_space_behind_as_in_transformers()
    {
        var template = Parse("{% for m in messages %}\n    {% if true %}\n{{ m.role }}\n    {% endif %}\n{% endfor %}\n");

        Assert.Equal("user\nuser\n", template.Render([.. Greeting, .. Greeting], addGenerationPrompt: false));
    }

    [Fact]
    public void Tools_calls_and_further_variables_reach_the_template()
    {
        var template = Parse("""
            {{- tools[0].function.name }}|{{ reasoning_effort }}|{% for m in messages %}{% if m.tool_calls %}{{ m.content is none }} {{ m.tool_calls[0].function.arguments | tojson }}{% endif %}{{ m.tool_call_id }}{% endfor %}
            """);
        var tools = JsonNode.Parse("""[{"type":"function","function":{"name":"add"}}]""")!.AsArray();
        ChatMessage[] messages =
        [
            new("assistant", "") { ToolCalls = JsonNode.Parse("""[{"id":"c1","function":{"name":"add","arguments":{"a":1}}}]""")!.AsArray() },
            new("tool", "2") { ToolCallId = "c1" },
        ];

        var text = template.Render(messages, addGenerationPrompt: true, tools, new JsonObject { ["reasoning_effort"] = "low" });

        Assert.Equal("add|low|true {\"a\": 1}c1", text.Replace("True", "true"));
    }

    [Theory]
    [InlineData(ReasoningEffort.Default, "own own")]
    [InlineData(ReasoningEffort.None, "none False")]
    [InlineData(ReasoningEffort.High, "high True")]
    public void Reasoning_effort_reaches_both_kinds_of_templates(ReasoningEffort effort, string expected)
    {
        var template = Parse("{{ reasoning_effort if reasoning_effort is defined else 'own' }} {{ enable_thinking if enable_thinking is defined else 'own' }}");

        Assert.Equal(expected, template.Render(Greeting, addGenerationPrompt: true, variables: effort.TemplateVariables()), ignoreCase: true);
    }

    [Fact]
    public void The_same_template_reads_another_clock()
    {
        var template = Parse("{{ strftime_now('%d %b %Y') }}");

        Assert.Equal("26 Jul 2024", template.At(new FakeTimeProvider(PromptEncoder.Today)).Render(Greeting, addGenerationPrompt: true));
    }

    [Fact]
    public void What_a_template_raises_is_the_users_message()
    {
        var template = Parse("{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}ok");

        var error = Assert.Throws<ChatTemplateException>(() => template.Render([new("system", "x")], addGenerationPrompt: true));
        Assert.Equal("my template: the chat template stops with: System role not supported", error.Message);
        Assert.Equal("ok", template.Render(Greeting, addGenerationPrompt: true));
    }

    [Fact]
    public void A_template_that_cannot_be_parsed_is_named()
    {
        var error = Assert.Throws<ChatTemplateException>(() => Parse("{% for m in messages %}"));
        Assert.StartsWith("my template: the chat template cannot be read: ", error.Message);
    }

    [Theory]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% macro again(n) %}{{ again(n + 1) }}{% endmacro %}{{ again(0) }}")]
    public void A_template_without_bounds_is_cut_off_and_the_next_rendering_works(string hostile)
    {
        var template = Parse($"{{% if messages[0].content == 'go' %}}{hostile}{{% else %}}fine{{% endif %}}");

        Assert.ThrowsAny<UserInputException>(() => template.Render([new("user", "go")], addGenerationPrompt: true));
        Assert.Equal("fine", template.Render(Greeting, addGenerationPrompt: true));
    }

    [Fact]
    public void Deep_nesting_in_a_template_does_not_end_the_process()
    {
        var nested = $"{{{{ {new string('(', 20_000)}1{new string(')', 20_000)} }}}}";

        Assert.ThrowsAny<UserInputException>(() => Parse(nested));
    }

    [Theory]
    [InlineData("{{ messages.constructor }}{{ messages['__proto__'] }}{{ ''.constructor }}")]
    [InlineData("{{ System is defined }}{{ importNamespace is defined }}{{ globalThis is defined }}")]
    public void Nothing_of_the_host_can_be_reached(string template)
    {
        string text;
        try
        {
            text = Parse(template).Render(Greeting, addGenerationPrompt: false);
        }
        catch (ChatTemplateException)
        {
            return;
        }

        Assert.Equal("", text.Replace("false", "", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Today_is_what_the_clock_says()
    {
        var clock = new FixedClock(new DateTimeOffset(2024, 7, 26, 12, 0, 0, TimeSpan.Zero));
        var template = ChatTemplate.Parse("{{ strftime_now('%d %b %Y') }}", "my template", new Dictionary<string, string>(), clock);

        Assert.Equal("26 Jul 2024", template.Render(Greeting, addGenerationPrompt: true));
    }

    [Fact]
    public void The_configuration_gives_template_and_tokens_where_there_is_no_template_file()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var configuration = Path.Combine(folder.FullName, "tokenizer_config.json");
            File.WriteAllText(configuration, """{"chat_template":"{{ bos_token }}A","bos_token":{"content":"<s>","special":true}}""");
            Assert.Equal("<s>A", ChatTemplate.Load(folder.FullName).Render(Greeting, addGenerationPrompt: true));

            File.WriteAllText(configuration, """{"chat_template":[{"name":"tool_use","template":"T"},{"name":"default","template":"D"}]}""");
            Assert.Equal("D", ChatTemplate.Load(folder.FullName).Render(Greeting, addGenerationPrompt: true));

            File.WriteAllText(Path.Combine(folder.FullName, "chat_template.jinja"), "file");
            Assert.Equal("file", ChatTemplate.Load(folder.FullName).Render(Greeting, addGenerationPrompt: true));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_model_without_a_template_says_what_to_do()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var error = Assert.Throws<UserInputException>(() => ChatTemplate.Load(folder.FullName));
            Assert.Contains("has no chat template", error.Message);

            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer_config.json"), """{"chat_template":7}""");
            Assert.Contains("chat_template must be a string", Assert.Throws<UserInputException>(() => ChatTemplate.Load(folder.FullName)).Message);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Threads_share_a_template()
    {
        var template = Parse("{% for m in messages %}{{ m.content }}{% endfor %}");

        var texts = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => template.Render([new("user", $"{i}")], addGenerationPrompt: true))));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), texts);
    }

    [Fact]
    public void Many_renderings_do_not_add_up_to_a_limit()
    {
        var template = Parse("{% for i in range(50) %}{{ messages[0].content }}{% endfor %}");
        var message = new ChatMessage("user", new string('x', 80_000));

        // The texts alone come to 320 MB, more than one rendering may take.
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(4_000_000, template.Render([message], addGenerationPrompt: true).Length);
        }
    }

    private static ChatTemplate Parse(string source, Dictionary<string, string>? specialTokens = null) =>
        ChatTemplate.Parse(source, "my template", specialTokens ?? []);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
