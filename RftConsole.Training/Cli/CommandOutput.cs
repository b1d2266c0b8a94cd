using System.Text.Encodings.Web;
using System.Text.Json;

namespace RftConsole.Training.Cli;

/// <summary>What a command writes: one object on standard output with <c>--json</c>, text otherwise; logs always on standard error.</summary>
internal static class CommandOutput
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the machine-readable result as one line.</summary>
    public static void Json(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, s_json));

    /// <summary>Writes a line of the log.</summary>
    public static void Log(string line) => Console.Error.WriteLine(line);
}
