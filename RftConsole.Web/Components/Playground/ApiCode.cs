using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using RftConsole.Training.Text;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>The call of a conversation as code that runs as it stands, with the key in the environment.</summary>
/// <param name="Address">The API's base address, with <c>/v1</c>.</param>
/// <param name="Model">The name that the API knows the model by.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Settings">How to sample.</param>
public sealed record ApiCode(string Address, string Model, IReadOnlyList<ChatMessage> Messages, PlaygroundSettings Settings)
{
    /// <summary>The variable that the key is taken from.</summary>
    public const string KeyVariable = "RFTCONSOLE_API_KEY";

    /// <summary>Characters as they are: escapes of surrogates mean something else in Python.</summary>
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, IndentSize = 2 };

    /// <summary>For a POSIX shell.</summary>
    public string ToCurl()
    {
        JsonObject body = new()
        {
            ["model"] = Model,
            ["messages"] = new JsonArray([.. Messages.Select(message => message.ToJson())]),
            ["temperature"] = Settings.Temperature,
            ["max_tokens"] = Settings.MaxTokens,
            ["top_p"] = Settings.TopP,
            ["seed"] = Settings.Seed,
        };
        // Within single quotes a shell takes everything as it is but the quote itself.
        string quoted = body.ToJsonString(s_json).Replace("'", "'\\''", StringComparison.Ordinal);
        return $"""
            curl {Address}/chat/completions \
              -H "Authorization: Bearer ${KeyVariable}" \
              -H "Content-Type: application/json" \
              -d '{quoted}'
            """;
    }

    /// <summary>For the package <c>openai</c>.</summary>
    public string ToPython()
    {
        StringBuilder messages = new();
        foreach (ChatMessage message in Messages)
        {
            messages.Append(CultureInfo.InvariantCulture, $"        {{\"role\": {Quote(message.Role)}, \"content\": {Quote(message.Content)}}},\n");
        }

        return $"""
            # pip install openai
            import os

            from openai import OpenAI

            client = OpenAI(base_url={Quote(Address)}, api_key=os.environ["{KeyVariable}"])
            completion = client.chat.completions.create(
                model={Quote(Model)},
                messages=[
            {messages.ToString().TrimEnd('\n')}
                ],
                temperature={Text(Settings.Temperature)},
                max_tokens={Settings.MaxTokens},
                top_p={Text(Settings.TopP)},
                seed={Settings.Seed},
            )
            print(completion.choices[0].message.content)
            """;
    }

    /// <summary>For the NuGet package <c>OpenAI</c>.</summary>
    public string ToCSharp()
    {
        StringBuilder messages = new();
        foreach (ChatMessage message in Messages)
        {
            string type = message.Role switch { "system" => "SystemChatMessage", "assistant" => "AssistantChatMessage", _ => "UserChatMessage" };
            messages.Append(CultureInfo.InvariantCulture, $"    new {type}({Quote(message.Content)}),\n");
        }

        return $$"""
            // dotnet add package OpenAI
            #pragma warning disable OPENAI001 // The seed is marked as experimental.
            using System.ClientModel;
            using OpenAI;
            using OpenAI.Chat;

            ChatClient client = new(
                {{Quote(Model)}},
                new ApiKeyCredential(Environment.GetEnvironmentVariable("{{KeyVariable}}")!),
                new OpenAIClientOptions { Endpoint = new Uri({{Quote(Address)}}) });
            ChatMessage[] messages =
            [
            {{messages.ToString().TrimEnd('\n')}}
            ];
            ChatCompletion completion = await client.CompleteChatAsync(messages, new ChatCompletionOptions
            {
                Temperature = {{Text(Settings.Temperature)}}f,
                MaxOutputTokenCount = {{Settings.MaxTokens}},
                TopP = {{Text(Settings.TopP)}}f,
                Seed = {{Settings.Seed}},
            });
            Console.WriteLine(completion.Content[0].Text);
            """;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A text in double quotes with the escapes that Python and C# share.</summary>
    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                // C# takes these for the ends of lines.
                '\u0085' or '\u2028' or '\u2029' => $"\\u{(int)character:x4}",
                < ' ' or '\u007f' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
