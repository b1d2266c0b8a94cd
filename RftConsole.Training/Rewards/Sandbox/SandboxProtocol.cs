using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RftConsole.Training.Rewards.Sandbox;

/// <summary>What the worker needs to know before its first call.</summary>
internal sealed record WorkerSettings(
    [property: JsonPropertyName("functionName")] string FunctionName,
    [property: JsonPropertyName("fileName")] string FileName,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("memoryLimit")] long MemoryLimit,
    [property: JsonPropertyName("fileLimit")] long FileLimit,
    [property: JsonPropertyName("processLimit")] int ProcessLimit,
    [property: JsonPropertyName("outputLimit")] int OutputLimit,
    [property: JsonPropertyName("allowProcesses")] bool AllowProcesses,
    [property: JsonPropertyName("packages")] string? Packages,
    [property: JsonPropertyName("proxyPort")] int? ProxyPort,
    [property: JsonPropertyName("modules")] IReadOnlyList<string[]> Modules);

/// <summary>What the worker sees of its prison.</summary>
internal sealed record WorkerInspection(
    [property: JsonPropertyName("python")] string Python,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("root")] string[] Root,
    [property: JsonPropertyName("interfaces")] string[] Interfaces,
    [property: JsonPropertyName("environment")] string[] Environment,
    [property: JsonPropertyName("writable")] string[] Writable);

/// <summary>A request's first frame.</summary>
internal sealed record WorkerControl(
    [property: JsonPropertyName("operation")] string Operation,
    [property: JsonPropertyName("timeoutMs")] long TimeoutMs,
    [property: JsonPropertyName("imports")] IReadOnlyList<string> Imports);

/// <summary>A reply's first frame: how the child ended, as the worker saw it.</summary>
internal sealed record WorkerReport(
    [property: JsonPropertyName("seal")] string Seal,
    [property: JsonPropertyName("stopped")] string? Stopped,
    [property: JsonPropertyName("exit")] int? Exit,
    [property: JsonPropertyName("signal")] int? Signal,
    [property: JsonPropertyName("elapsedMs")] double ElapsedMs,
    [property: JsonPropertyName("memoryKb")] long MemoryKb,
    [property: JsonPropertyName("dirty")] bool Dirty);

/// <summary>A whole reply.</summary>
internal sealed record WorkerReply(WorkerReport Report, byte[] Result, byte[] Output);

/// <summary>Frames between host and worker: four bytes of length, little-endian, then the content.</summary>
internal static class SandboxProtocol
{
    private const int LongestFrame = 128 << 20;

    /// <summary>The script of <c>python3 -c</c>.</summary>
    public static string Bootstrap { get; } = Resource("bootstrap.py");

    /// <summary>Name and source of the worker's modules, in the order in which they are loaded.</summary>
    public static IReadOnlyList<string[]> Modules { get; } =
    [
        ["_rft_limits", Resource("limits.py")],
        ["_rft_handler", Resource("handler.py")],
        ["_rft_worker", Resource("worker.py")],
    ];

    public static byte[] Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value);

    public static async Task WriteAsync(Stream stream, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        using MemoryStream buffer = new();
        byte[] length = new byte[4];
        foreach (byte[] frame in frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, frame.Length);
            buffer.Write(length);
            buffer.Write(frame);
        }

        await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <exception cref="EndOfStreamException">The worker is gone.</exception>
    /// <exception cref="InvalidDataException">What came is no frame.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] length = new byte[4];
        await stream.ReadExactlyAsync(length, cancellationToken);
        int count = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (count is < 0 or > LongestFrame)
        {
            throw new InvalidDataException($"the worker announced a frame of {count} bytes");
        }

        byte[] content = new byte[count];
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content;
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Rewards.Sandbox." + name)
            ?? throw new InvalidOperationException($"The program was built without {name}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
