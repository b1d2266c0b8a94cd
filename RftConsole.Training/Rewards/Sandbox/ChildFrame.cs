using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>Reads what a child wrote to its result pipe. The user's code shares that process: every byte may be forged.</summary>
internal static class ChildFrame
{
    /// <summary>The child's frame, or why there is none that counts.</summary>
    public static JsonDocument? Read(WorkerReply reply, RewardOptions options, TimeSpan limit, out string? error)
    {
        error = Ending(reply.Report, options, limit);
        if (error is not null)
        {
            return null;
        }

        JsonDocument? frame = Parse(reply.Result, out error);
        if (frame is not null && frame.RootElement.TryGetProperty("failure", out JsonElement failure))
        {
            error = Describe(failure);
        }

        return frame;
    }

    /// <summary>Why the child could not be limited; null where it was.</summary>
    public static string? Broken(WorkerReply reply)
    {
        if (reply.Report.Exit != 0 || reply.Report.Stopped is not null)
        {
            return null;
        }

        using JsonDocument? frame = Parse(reply.Result, out _);
        return frame is not null && frame.RootElement.TryGetProperty("broken", out JsonElement reason) ? Text(reason) ?? "no reason given" : null;
    }

    /// <summary>The names that the function imports.</summary>
    public static IReadOnlyList<string> Imports(JsonElement loaded)
    {
        if (loaded.ValueKind != JsonValueKind.Object || !loaded.TryGetProperty("imports", out JsonElement names) || names.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return [.. names.EnumerateArray().Select(Text).OfType<string>()];
    }

    /// <summary>A number of the failure that the frame tells of, such as its line; null where there is none.</summary>
    public static int? Number(JsonDocument? frame, string name) =>
        frame is not null
        && frame.RootElement.TryGetProperty("failure", out JsonElement failure) && failure.ValueKind == JsonValueKind.Object
        && failure.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int value) ? value : null;


    private static string? Ending(WorkerReport report, RewardOptions options, TimeSpan limit) => report switch
    {
        { Stopped: "time" } => string.Create(CultureInfo.InvariantCulture, $"stopped at the time limit of {limit.TotalSeconds:0.###} s"),
        { Stopped: "output" } => string.Create(CultureInfo.InvariantCulture, $"stopped because it printed more than {options.OutputLimit} bytes"),
        { Stopped: "memory" } => string.Create(CultureInfo.InvariantCulture, $"out of memory: its processes together use more than the limit of {options.MemoryLimit >> 20} MB"),
        { Stopped: "result" } => "stopped because its result is longer than 16 MB",
        { Signal: 24 } => "stopped at the limit of processor time",
        { Signal: { } signal } => $"crashed with signal {signal}{SignalName(signal)}",
        { Exit: not 0 } => $"the function ended its process (exit status {report.Exit?.ToString(CultureInfo.InvariantCulture) ?? "unknown"})",
        _ => null,
    };

    private static string SignalName(int signal) => signal switch
    {
        4 => " (illegal instruction)",
        6 => " (abort)",
        7 => " (bus error)",
        8 => " (arithmetic)",
        9 => " (killed; out of memory perhaps)",
        11 => " (segmentation fault; too deep a recursion perhaps)",
        15 => " (terminated)",
        _ => "",
    };

    private static JsonDocument? Parse(byte[] result, out string? error)
    {
        error = null;
        if (result.Length == 0)
        {
            error = "the function ended its process before it returned";
            return null;
        }

        if (result.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(result) != result.Length - 4)
        {
            error = "something other than the function's return value was written to the result channel";
            return null;
        }

        try
        {
            JsonDocument document = JsonDocument.Parse(result.AsMemory(4));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            error = "the result channel carries no object";
        }
        catch (JsonException broken)
        {
            error = "the result channel carries no JSON: " + broken.Message;
        }

        return null;
    }

    private static string Describe(JsonElement failure)
    {
        if (failure.ValueKind != JsonValueKind.Object)
        {
            return "the function failed";
        }

        string type = failure.TryGetProperty("type", out JsonElement kind) ? Text(kind) ?? "" : "";
        string message = failure.TryGetProperty("message", out JsonElement text) ? Text(text) ?? "" : "";
        string line = failure.TryGetProperty("line", out JsonElement number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int value)
            ? string.Create(CultureInfo.InvariantCulture, $" (line {value})")
            : "";
        string described = (type, message) switch
        {
            ("", _) => message,
            (_, "") => type,
            ("MemoryError" or "ModuleNotFoundError" or "SystemExit", _) => message,
            _ => $"{type}: {message}",
        };
        return described + line;
    }

    private static string? Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
