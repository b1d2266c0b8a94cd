using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>An earlier prompt that another one repeats.</summary>
/// <param name="Line">Where it stands.</param>
/// <param name="Exact">Equal in every character; otherwise nearly so.</param>
/// <param name="SameReference">The reference answers are equal too.</param>
internal readonly record struct PromptMatch(int Line, bool Exact, bool SameReference);

/// <summary>
/// The prompts of a file, to find repetitions: equal ones by a hash of roles and contents; nearly equal ones by their
/// <see cref="PromptSketch"/>, with candidates from bands of it (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4).
/// </summary>
internal sealed class PromptIndex
{
    /// <summary>Sketches are kept for so many prompts: the original takes no more.</summary>
    public const int MostSketches = 20_000;

    private const int Bands = 8;
    private const int Rows = PromptSketch.Minima / Bands;

    /// <summary>Hash of a prompt to its number, from 1.</summary>
    private readonly HashLines _prompts = new();

    /// <summary>Line and reference answer (a hash) of each prompt.</summary>
    private readonly List<(int Line, uint Reference)> _places = [];

    /// <summary>Hash of a band to the number of its first sketch, from 1.</summary>
    private readonly HashLines _bands = new();

    private readonly List<(PromptSketch Sketch, int Line)> _sketches = [];

    /// <summary>Takes a prompt.</summary>
    /// <returns>The earlier one that it repeats, or null.</returns>
    public PromptMatch? Add(int line, TrainingRecord record)
    {
        var reference = ReferenceOf(record);
        if (!_prompts.TryAdd(Hash(record), _places.Count + 1, out var first))
        {
            return Exact(first, reference);
        }

        _places.Add((line, reference));
        if (_sketches.Count >= MostSketches || PromptSketch.Of(record.Messages) is not { } sketch)
        {
            return null;
        }

        var match = FindSimilar(sketch);
        _sketches.Add((sketch, line));
        for (var band = 0; band < Bands; band++)
        {
            _bands.TryAdd(BandKey(sketch, band), _sketches.Count, out _);
        }

        return match;
    }

    /// <summary>The prompt here that another file's record repeats, or null.</summary>
    public PromptMatch? Find(TrainingRecord record) =>
        _prompts.LineOf(Hash(record)) is { } number ? Exact(number, ReferenceOf(record))
        : PromptSketch.Of(record.Messages) is { } sketch ? FindSimilar(sketch)
        : null;

    private PromptMatch Exact(int number, uint reference) => new(_places[number - 1].Line, true, _places[number - 1].Reference == reference);

    private PromptMatch? FindSimilar(PromptSketch sketch)
    {
        for (var band = 0; band < Bands; band++)
        {
            if (_bands.LineOf(BandKey(sketch, band)) is { } number && _sketches[number - 1] is var candidate && candidate.Sketch.IsSimilarTo(sketch))
            {
                return new PromptMatch(candidate.Line, false, false);
            }
        }

        return null;
    }

    private static ulong BandKey(PromptSketch sketch, int band) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(sketch.Lowest.AsSpan(band * Rows, Rows)), (long)(sketch.Numbers + (ulong)band));

    /// <summary>Of all that the model gets to see: roles, contents, tool calls and tools.</summary>
    private static ulong Hash(TrainingRecord record)
    {
        ulong hash = 0;
        foreach (var message in record.Messages)
        {
            hash = Hash(message.Role, hash);
            hash = Hash(message.Content, hash);
            hash = message.ToolCalls is null ? hash : Hash(message.ToolCalls.ToJsonString(), hash);
        }

        return record.Tools is null ? hash : Hash(record.Tools.ToJsonString(), hash);
    }

    private static uint ReferenceOf(TrainingRecord record) => (uint)Hash(record.ReferenceAnswer?.ToJsonString() ?? "", 1);

    private static ulong Hash(string text, ulong seed) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()), (long)seed);
}
