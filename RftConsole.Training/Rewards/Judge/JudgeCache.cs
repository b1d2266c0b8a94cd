using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Rewards.Judge;

/// <summary>
/// Answers that could be read, by what was asked: equal questions are paid for once, and a resumed job gets for its repeated steps the answers that it got the first
/// time, also of a judge that would answer otherwise now. Safe for use from several threads.
/// </summary>
/// <param name="path">The file that keeps them between runs; null for memory alone.</param>
public sealed class JudgeCache(string? path)
{
    /// <summary>Beyond so many, further answers are only written.</summary>
    private const int MostInMemory = 200_000;

    private static readonly JsonSerializerOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Lazy<ConcurrentDictionary<string, Entry>> _entries = new(() => Read(path));
    private readonly Lock _file = new();

    /// <summary>The answer to a question; null where it is not known.</summary>
    public JudgeAnswer? Find(string key) => _entries.Value.TryGetValue(key, out Entry? entry) ? new(entry.Answer, entry.Probability, entry.Truncated) : null;

    /// <summary>Keeps an answer.</summary>
    public void Keep(string key, JudgeAnswer answer)
    {
        Entry entry = new(key, answer.Text, answer.YesProbability, answer.Truncated);
        if (_entries.Value.Count < MostInMemory && !_entries.Value.TryAdd(key, entry))
        {
            return;
        }

        if (path is not null)
        {
            lock (_file)
            {
                VaultFiles.Append(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, s_line) + "\n"));
            }
        }
    }

    /// <summary>The key of a question to a judge.</summary>
    public static string Key(string judge, string question) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(judge + "\n" + question)));

    private static ConcurrentDictionary<string, Entry> Read(string? path)
    {
        ConcurrentDictionary<string, Entry> entries = new();
        if (path is null || !File.Exists(path))
        {
            return entries;
        }

        VaultFiles.Mend(path);
        foreach (string line in VaultFiles.ReadLines(path))
        {
            try
            {
                if (entries.Count < MostInMemory && JsonSerializer.Deserialize<Entry>(line, s_line) is { Key: not null, Answer: not null } entry)
                {
                    entries[entry.Key] = entry;
                }
            }
            catch (JsonException)
            {
                // The last line of a process that was killed; what it would say is asked again.
            }
        }

        return entries;
    }

    private sealed record Entry(string Key, string Answer, double? Probability, bool Truncated);
}
