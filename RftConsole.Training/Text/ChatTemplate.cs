using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Text;

/// <summary>
/// The template that turns a conversation into the text a model was trained on. Rendered as transformers renders it: Jinja with
/// <c>trim_blocks</c> and <c>lstrip_blocks</c>, the special tokens of <c>tokenizer_config.json</c> as variables.
/// </summary>
/// <remarks>Safe on any thread.</remarks>
public sealed class ChatTemplate
{
    private const string TemplateFile = "chat_template.jinja";
    private const string ConfigurationFile = "tokenizer_config.json";

    private static readonly string[] SpecialTokenKeys =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    // The text goes into an interpreter and never into a page: escaping it for HTML would only make it longer.
    private static readonly JsonSerializerOptions PlainJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JinjaEngine _engine;
    private readonly string _name;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;

    // Null where the template looks into what is said.
    private readonly Lazy<ConversationShapes?> _shapes;

    private ChatTemplate(string source, string name, IReadOnlyDictionary<string, string> specialTokens, TimeProvider clock)
    {
        Source = source;
        _name = name;
        _specialTokens = specialTokens;
        _engine = new JinjaEngine(source, name, clock);
        _shapes = new(() => _engine.WritesContentOnly() ? new() : null);
    }

    /// <summary>The template as it was written.</summary>
    public string Source { get; }

    /// <summary>Reads <c>chat_template.jinja</c> of a model folder, or else <c>chat_template</c> of its <c>tokenizer_config.json</c>.</summary>
    /// <param name="modelFolder">A Hugging Face model folder.</param>
    /// <param name="clock">What a template that writes today's date reads; the system's clock unless given.</param>
    /// <exception cref="UserInputException">There is no template, or it cannot be parsed.</exception>
    public static ChatTemplate Load(string modelFolder, TimeProvider? clock = null)
    {
        var templatePath = Path.Combine(modelFolder, TemplateFile);
        var configurationPath = Path.Combine(modelFolder, ConfigurationFile);
        try
        {
            JsonPlace? configuration = File.Exists(configurationPath) ? Configuration(configurationPath) : null;
            var specialTokens = SpecialTokens(configuration);
            if (File.Exists(templatePath))
            {
                return Parse(File.ReadAllText(templatePath), templatePath, specialTokens, clock);
            }

            var source = configuration is { } given ? TemplateOf(given["chat_template"]) : null;
            return source is null
                ? throw new UserInputException($"{modelFolder} has no chat template: neither {TemplateFile} nor chat_template in {ConfigurationFile}. Choose an instruction-tuned model, or put the template there.")
                : Parse(source, configurationPath, specialTokens, clock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{modelFolder}: the chat template cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Takes a template that comes from elsewhere, such as the metadata of a GGUF file.</summary>
    /// <param name="source">The Jinja template.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="specialTokens">Variables such as <c>bos_token</c> and <c>eos_token</c>.</param>
    /// <param name="clock">What a template that writes today's date reads; the system's clock unless given.</param>
    /// <exception cref="UserInputException">The template cannot be parsed.</exception>
    public static ChatTemplate Parse(string source, string name, IReadOnlyDictionary<string, string> specialTokens, TimeProvider? clock = null) =>
        new(source, name, specialTokens, clock ?? TimeProvider.System);

    /// <summary>The same template with another clock for <c>strftime_now</c>.</summary>
    public ChatTemplate At(TimeProvider clock) => new(Source, _name, _specialTokens, clock);

    /// <summary>The conversation as text for the model.</summary>
    /// <param name="messages">The turns, in order.</param>
    /// <param name="addGenerationPrompt">Ends with the opening of the assistant's turn.</param>
    /// <param name="tools">OpenAI function tools that the model may call.</param>
    /// <param name="variables">Further variables for the template, such as <c>enable_thinking</c> or <c>reasoning_effort</c>.</param>
    /// <exception cref="UserInputException">The template refuses the conversation (<c>raise_exception</c>), fails, or goes over a limit.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, JsonArray? tools = null, JsonObject? variables = null)
    {
        if (_shapes.Value is { } shapes && ConversationShapes.Takes(messages)
            && shapes.Render(Variables(shapes.Marked(messages), addGenerationPrompt, tools, variables), messages, _engine.Render) is { } text)
        {
            return text;
        }

        return _engine.Render(Variables(messages, addGenerationPrompt, tools, variables));
    }

    private string Variables(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, JsonArray? tools, JsonObject? variables)
    {
        var all = new JsonObject();
        foreach (var (name, token) in _specialTokens)
        {
            all[name] = token;
        }

        foreach (var (name, value) in variables ?? [])
        {
            all[name] = value?.DeepClone();
        }

        all["messages"] = new JsonArray([.. messages.Select(message => message.ToJson())]);
        // Given as none rather than left out, because templates written against transformers test for none.
        all["tools"] = tools?.DeepClone();
        all["documents"] = variables?["documents"]?.DeepClone();
        all["add_generation_prompt"] = addGenerationPrompt;
        return all.ToJsonString(PlainJson);
    }

    private static JsonPlace Configuration(string path)
    {
        try
        {
            return new JsonPlace(JsonElement.Parse(File.ReadAllBytes(path)), path, "");
        }
        catch (JsonException e)
        {
            throw new UserInputException($"{path}: the content is not JSON ({e.Message}); copy the file again from where the model came from.", e);
        }
    }

    private static Dictionary<string, string> SpecialTokens(JsonPlace? configuration)
    {
        var tokens = new Dictionary<string, string>();
        if (configuration is not { } given)
        {
            return tokens;
        }

        foreach (var key in SpecialTokenKeys)
        {
            var token = given[key];
            if (!token.IsNull)
            {
                tokens[key] = token.Value.ValueKind == JsonValueKind.Object ? token["content"].Text() : token.Text();
            }
        }

        return tokens;
    }

    private static string? TemplateOf(JsonPlace template)
    {
        if (template.Value.ValueKind != JsonValueKind.Array)
        {
            return template.TextOrNull();
        }

        foreach (var named in template.Items())
        {
            if (named["name"].Text() == "default")
            {
                return named["template"].Text();
            }
        }

        throw template.Error("has no template named \"default\"");
    }
}
