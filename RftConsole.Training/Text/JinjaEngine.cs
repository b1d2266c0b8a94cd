using System.Text.Json;

using Jint;
using Jint.Native;
using Jint.Runtime;

namespace RftConsole.Training.Text;

/// <summary>
/// One Jinja template, compiled by Hugging Face's own module (<c>@huggingface/jinja</c>, embedded at build) inside a JavaScript
/// interpreter without access to host, files or network, and with limits on time, memory and depth: templates come with models
/// from strangers.
/// </summary>
/// <remarks>Safe on any thread; renderings wait for each other.</remarks>
internal sealed class JinjaEngine
{
    private const int MemoryLimit = 256 * 1024 * 1024;
    private const int DeepestSyntax = 512;
    private const string ModuleResource = "huggingface-jinja.cjs";

    private const string Glue = """
        const compiled = new module.exports.Template(templateSource);
        function render(variables) { return compiled.render(JSON.parse(variables)); }
        function syntax() { return JSON.stringify(compiled.parsed); }
        """;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly Lazy<Prepared<Acornima.Ast.Script>> Module = new(() => Engine.PrepareScript(
        $"const module = {{ exports: {{}} }}; (function (module, exports) {{ {ReadModule()}\n }})(module, module.exports);", ModuleResource));

    private readonly Lock _lock = new();
    private readonly string _source;
    private readonly string _name;
    private readonly TimeProvider _clock;
    private Engine? _engine;

    /// <param name="source">The template.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="clock">What <c>strftime_now</c> reads.</param>
    /// <exception cref="ChatTemplateException">The template cannot be parsed.</exception>
    public JinjaEngine(string source, string name, TimeProvider clock)
    {
        _source = source;
        _name = name;
        _clock = clock;
        _engine = Guarded("cannot be read", Compile);
    }

    /// <summary>Renders the template with the members of a JSON object as variables.</summary>
    /// <exception cref="ChatTemplateException">The template raised an error.</exception>
    /// <exception cref="UserInputException">The template went over a limit.</exception>
    public string Render(string variables)
    {
        lock (_lock)
        {
            return Guarded("stops with", () => (_engine ??= Compile()).Invoke("render", variables).AsString());
        }
    }

    /// <summary>Whether the template writes the content of turns without looking into it.</summary>
    public bool WritesContentOnly()
    {
        lock (_lock)
        {
            try
            {
                using var syntax = JsonDocument.Parse((_engine ??= Compile()).Invoke("syntax").AsString(), new() { MaxDepth = DeepestSyntax });
                return ContentUse.IsOnlyWritten(syntax.RootElement);
            }
            catch (Exception e) when (e is JsonException or JintException or TimeoutException or OutOfMemoryException)
            {
                // Too deep or too large to tell.
                _engine = null;
                return false;
            }
        }
    }

    private Engine Compile()
    {
        var engine = new Engine(options =>
        {
            options.TimeoutInterval(TimeLimit).LimitMemory(MemoryLimit).Strict();
            options.Constraints.StackOverflowGuard = true;
            options.Constraints.RegexTimeout = TimeLimit;
            options.Host.StringCompilationAllowed = false;
            options.Culture = System.Globalization.CultureInfo.InvariantCulture;
            options.TimeSystem = new ClockTimeSystem(_clock);
        });
        engine.Execute(Module.Value);
        engine.SetValue("templateSource", _source);
        engine.Execute(Glue);
        return engine;
    }

    private T Guarded<T>(string failing, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (JavaScriptException e)
        {
            // The engine stays: the module makes a fresh environment for each rendering, so an error leaves nothing behind.
            throw new ChatTemplateException($"{_name}: the chat template {failing}: {MessageOf(e)}", e);
        }
        catch (Exception e) when (e is JintException or TimeoutException or OutOfMemoryException)
        {
            // Cut off in the middle of anything at all: not to be used again.
            _engine = null;
            throw new UserInputException(
                $"{_name}: the chat template takes more than {TimeLimit.TotalSeconds:0} s or {MemoryLimit >> 20} MB ({e.Message}); it is not usable.", e);
        }
    }

    private static string MessageOf(JavaScriptException error)
    {
        var message = error.Error.IsObject() ? error.Error.AsObject().Get("message") : JsValue.Undefined;
        return message.IsString() ? message.AsString() : error.Message;
    }

    private static string ReadModule()
    {
        using var stream = typeof(JinjaEngine).Assembly.GetManifestResourceStream(ModuleResource)
            ?? throw new InvalidOperationException($"The resource {ModuleResource} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>JavaScript's clock, read from a <see cref="TimeProvider"/>.</summary>
    private sealed class ClockTimeSystem(TimeProvider clock) : DefaultTimeSystem(clock.LocalTimeZone, System.Globalization.CultureInfo.InvariantCulture)
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}
