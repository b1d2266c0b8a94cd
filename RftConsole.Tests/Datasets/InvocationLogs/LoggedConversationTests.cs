using System.Text.Json;

using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.InvocationLogs;

namespace RftConsole.Tests.Datasets.InvocationLogs;

/// <summary>Request and response bodies of each provider, in the shapes that their documentation gives.</summary>
public sealed class LoggedConversationTests
{
    public static TheoryData<string, string, string> Requests => new()
    {
        { "Converse", """{"system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}},{"text":"Be kind."}],"messages":[{"role":"user","content":[{"text":"Hi"},{"text":"there"}]}],"inferenceConfig":{"maxTokens":5}}""", "system:Be brief.\nBe kind.|user:Hi\nthere" },
        { "Converse with guarded text", """{"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"Hi"}}}]}]}""", "user:Hi" },
        { "several turns", """{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"b"}]},{"role":"user","content":[{"text":"c"}]}]}""", "user:a|assistant:b|user:c" },
        { "OpenAI", """{"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hi"}]}],"max_tokens":5}""", "system:Be brief.|user:Hi" },
        { "Anthropic", """{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"system":"Be brief.","messages":[{"role":"user","content":"Hi"}]}""", "system:Be brief.|user:Hi" },
        { "Anthropic with parts", """{"anthropic_version":"bedrock-2023-05-31","system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}""", "system:Be brief.|user:Hi" },
        { "Anthropic, the old prompt", """{"prompt":"Be brief.\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: What is 1 + 1?\n\nAssistant:","max_tokens_to_sample":5}""", "system:Be brief.|user:Hi|assistant:Hello|user:What is 1 + 1?" },
        { "Nova", """{"schemaVersion":"messages-v1","system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}""", "system:Be brief.|user:Hi" },
        { "Llama 3", """{"prompt":"<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n","max_gen_len":5}""", "system:Be brief.|user:Hi" },
        { "Llama 2", """{"prompt":"<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] And now? [/INST]"}""", "system:Be brief.|user:Hi|assistant:Hello|user:And now?" },
        { "Mistral", """{"prompt":"<s>[INST] What is 1 + 1? [/INST]","max_tokens":5}""", "user:What is 1 + 1?" },
        { "ChatML", """{"prompt":"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"}""", "system:Be brief.|user:Hi" },
        { "DeepSeek", """{"prompt":"<｜begin▁of▁sentence｜>Be brief.<｜User｜>Hi<｜Assistant｜><think>\n"}""", "system:Be brief.|user:Hi" },
        { "a prompt without marks", """{"prompt":"Human beings: how many?"}""", "user:Human beings: how many?" },
        { "Titan", """{"inputText":"What is 1 + 1?","textGenerationConfig":{}}""", "user:What is 1 + 1?" },
        { "Titan's dialogue", """{"inputText":"User: Hi\nBot: Hello\nUser: What is 1 + 1?\nBot:"}""", "user:Hi|assistant:Hello|user:What is 1 + 1?" },
        { "Cohere", """{"message":"What is 1 + 1?","chat_history":[{"role":"USER","message":"Hi"},{"role":"CHATBOT","message":"Hello"}],"preamble":"Be brief."}""", "system:Be brief.|user:Hi|assistant:Hello|user:What is 1 + 1?" },
    };

    public static TheoryData<string, string> Replies => new()
    {
        { "Converse", """{"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"text":"The answer"}]}},"stopReason":"end_turn","usage":{"inputTokens":1},"metrics":{"latencyMs":5}}""" },
        { "ConverseStream", """[{"messageStart":{"role":"assistant"}},{"contentBlockDelta":{"delta":{"reasoningContent":{"text":"hm"}},"contentBlockIndex":0}},{"contentBlockDelta":{"delta":{"text":"The "},"contentBlockIndex":1}},{"contentBlockDelta":{"delta":{"text":"answer"},"contentBlockIndex":1}},{"contentBlockStop":{"contentBlockIndex":1}},{"messageStop":{"stopReason":"end_turn"}},{"metadata":{"usage":{"inputTokens":1}}}]""" },
        { "OpenAI", """{"choices":[{"index":0,"message":{"role":"assistant","content":"The answer"},"finish_reason":"stop"}]}""" },
        { "OpenAI, streamed", """[{"choices":[{"delta":{"role":"assistant"}}]},{"choices":[{"delta":{"content":"The "}}]},{"choices":[{"delta":{"content":"answer"}}]},{"choices":[],"usage":{}}]""" },
        { "Anthropic", """{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"The answer"}],"stop_reason":"end_turn"}""" },
        { "Anthropic, streamed", """[{"type":"message_start","message":{"content":[]}},{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}},{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The "}},{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"answer"}},{"type":"message_stop"}]""" },
        { "Anthropic, old", """{"completion":" The answer","stop_reason":"stop_sequence"}""" },
        { "Nova", """{"output":{"message":{"content":[{"text":"The answer"}],"role":"assistant"}},"stopReason":"end_turn"}""" },
        { "Nova, streamed", """[{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"The "}}},{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"answer"}}}]""" },
        { "Llama", """{"generation":"\n\nThe answer","prompt_token_count":1}""" },
        { "Llama, streamed", """[{"generation":"The "},{"generation":"answer","stop_reason":"stop"}]""" },
        { "Mistral", """{"outputs":[{"text":" The answer","stop_reason":"stop"}]}""" },
        { "Mistral, streamed", """[{"outputs":[{"text":"The "}]},{"outputs":[{"text":"answer"}]}]""" },
        { "Titan", """{"inputTextTokenCount":5,"results":[{"tokenCount":2,"outputText":"\nThe answer","completionReason":"FINISH"}]}""" },
        { "Titan, streamed", """[{"outputText":"The ","index":0},{"outputText":"answer","index":0}]""" },
        { "Cohere", """{"text":"The answer","generation_id":"x"}""" },
        { "Cohere, streamed", """[{"event_type":"text-generation","text":"The ","is_finished":false},{"event_type":"text-generation","text":"answer","is_finished":false},{"event_type":"stream-end","text":"The answer","is_finished":true}]""" },
        { "chunks as bytes", """[{"chunk":{"bytes":"eyJnZW5lcmF0aW9uIjoiVGhlICJ9"}},{"chunk":{"bytes":"eyJnZW5lcmF0aW9uIjoiYW5zd2VyIn0="}}]""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_becomes_turns(string name, string body, string turns)
    {
        var conversation = LoggedConversation.Read(JsonElement.Parse(body));

        Assert.True(turns == string.Join('|', conversation.Messages.Select(message => $"{message.Role}:{message.Content}")), name);
        Assert.Empty(conversation.Prefill);
        Assert.Null(conversation.Tools);
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_reply_is_found_whole_and_in_chunks(string name, string body) => Assert.True(LoggedReply.Read(JsonElement.Parse(body)) == "The answer", name);

    [Theory]
    [InlineData("""{"toolUse":{"toolUseId":"c1","name":"add","input":{"a":1}}}""", """{"toolResult":{"toolUseId":"c1","content":[{"text":"2"},{"json":{"b":3}}],"status":"success"}}""", """{"toolConfig":{"tools":[{"toolSpec":{"name":"add","description":"Adds","inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}]}""")]
    [InlineData("""{"type":"tool_use","id":"c1","name":"add","input":{"a":1}}""", """{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"2"},{"type":"text","text":"{\"b\":3}"}]}""", """{"tools":[{"name":"add","description":"Adds","input_schema":{"type":"object"}}]""")]
    public void Tool_calls_and_results_become_those_of_the_format(string call, string result, string tools)
    {
        var conversation = LoggedConversation.Read(JsonElement.Parse(
            $$$"""{{{tools}}},"messages":[{"role":"user","content":[{"type":"text","text":"1 + 1?"}]},{"role":"assistant","content":[{{{call}}}]},{"role":"user","content":[{{{result}}},{"type":"text","text":"and now?"}]}]}"""));

        Assert.Equal("user assistant tool user", string.Join(' ', conversation.Messages.Select(message => message.Role)));
        Assert.Equal("""[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\u0022a\u0022:1}"}}]""", conversation.Messages[1].ToolCalls!.ToJsonString());
        Assert.Equal(("2\n{\"b\":3}", "c1"), (conversation.Messages[2].Content, conversation.Messages[2].ToolCallId));
        Assert.Equal("""[{"type":"function","function":{"name":"add","description":"Adds","parameters":{"type":"object"}}}]""", conversation.Tools!.ToJsonString());
    }

    [Fact]
    public void The_beginning_of_the_reply_in_a_request_is_no_turn()
    {
        var conversation = LoggedConversation.Read(JsonElement.Parse("""{"messages":[{"role":"user","content":"JSON, please"},{"role":"assistant","content":"{\"answer\":"}]}"""));

        Assert.Equal("user", Assert.Single(conversation.Messages).Role);
        Assert.Equal("{\"answer\":", conversation.Prefill);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"a"},{"image":{"format":"png","source":{}}}]}]}""", "messages[0].content[1] is an image; training is on text only")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{}}]}]}""", "messages[0].content[0] is an image")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0].content[0] is an image")]
    [InlineData("""{"messages":[{"role":"user","content":[{"document":{"format":"pdf"}}]}]}""", "messages[0].content[0] is a document")]
    [InlineData("""{"messages":[{"role":"user","content":[{"video":{}}]}]}""", "messages[0].content[0] is a video")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""", "messages[0].content[0] is audio; training is on text only")]
    [InlineData("""{"messages":[{"role":"user","content":[{"hologram":{}}]}]}""", "messages[0].content[0] is of the kind \"hologram\"")]
    [InlineData("""{"messages":[{"role":"user","content":[7]}]}""", "messages[0].content[0] is 7")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages[0].content must be a list, not 7")]
    [InlineData("""{"messages":7}""", "messages must be a list, not 7")]
    [InlineData("""{"messages":[{"content":"Hi"}]}""", "messages[0] has no role")]
    [InlineData("""{"text_prompts":[{"text":"a cat"}],"cfg_scale":7}""", "the input body is of no known shape (keys: text_prompts, cfg_scale)")]
    [InlineData("[]", "input.inputBodyJson must be an object, not a list")]
    public void What_is_no_text_is_named(string body, string reason) =>
        Assert.Contains(reason, Assert.Throws<RejectedRecordException>(() => LoggedConversation.Read(JsonElement.Parse(body))).Message, StringComparison.Ordinal);
}
