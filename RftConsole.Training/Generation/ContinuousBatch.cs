using System.Runtime.InteropServices;

using RftConsole.Training.Compute;
using RftConsole.Training.Kernels;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>
/// Continuations of several prompts that are decoded together, one token of each at a time: one that has ended leaves, and the next group enters as soon as there is
/// room for it, at any time and with an adapter of its own. What a continuation becomes does not depend on those beside it. Each call is one slice for the compute thread.
/// </summary>
/// <param name="model">The base model.</param>
/// <param name="mostRows">Most continuations that are decoded together, of which one group always is.</param>
/// <param name="mostBytes">Most memory that is promised to their keys and values; one group always enters.</param>
/// <param name="takesTurns">Whether continuations advance between two slices of prompts, so that arrivals hold up nobody; otherwise prompts run as long as there is room.</param>
internal sealed class ContinuousBatch(LoadedModel model, int mostRows, long mostBytes = long.MaxValue, bool takesTurns = false) : IDisposable
{
    /// <summary>Floating-point operations of a slice of prompts: about a quarter of a second on two cores.</summary>
    private const long OperationsPerSlice = 40_000_000_000;

    private readonly DecoderConfig _config = model.Decoder.Config;
    private readonly KeyValueCache _cache = new(model.Decoder.Config, ComputeThread.Team);
    private readonly ForwardPass _pass = new(model.Decoder, ComputeThread.Team, keep: false);
    private readonly RowBuffer _normed = new(model.Decoder.Config.HiddenSize);
    private readonly RowBuffer _logits = new(model.Decoder.Config.VocabularySize);
    private readonly int _promptTokens = PromptTokens(model.Decoder.Config);
    private readonly LinkedList<SequenceGroup> _waiting = new();
    private readonly List<Sequence> _active = [];
    private long _reserved;

    /// <summary>Whether all continuations have ended.</summary>
    public bool Finished => _waiting.Count == 0 && _active.Count == 0;

    /// <summary>Continuations that are being decoded.</summary>
    public int ActiveRows => _active.Count;

    /// <summary>Whether the last call of <see cref="Advance"/> ran prompts.</summary>
    public bool RanPrompts { get; private set; }

    /// <summary>Whether the next call of <see cref="Advance"/> runs prompts, rather than one more token of each continuation.</summary>
    public bool PromptIsNext => _waiting.First is { } next && (_active.Count == 0 || (!(takesTurns && RanPrompts) && HasRoom(next.Value, _active.Count, _reserved)));

    /// <summary>Lets a group wait for room.</summary>
    public void Add(SequenceGroup group) => _waiting.AddLast(group);

    /// <summary>One slice of work: some prompts, or a part of a long one, or one more token of each continuation. False when all have ended.</summary>
    public bool Advance()
    {
        DropStopped();
        RanPrompts = PromptIsNext;
        if (RanPrompts)
        {
            RunPrompts();
        }
        else if (_active.Count > 0)
        {
            Decode();
        }

        return !Finished;
    }

    public void Dispose()
    {
        foreach (var group in _waiting.Concat(_active.Select(x => x.Group)))
        {
            group.Cached?.Dispose();
            group.Cached = null;
        }

        _active.ForEach(x => _cache.Release(x.Cached!));
        _cache.Dispose();
        _pass.Dispose();
        _normed.Dispose();
        _logits.Dispose();
    }

    private static int PromptTokens(DecoderConfig config) =>
        (int)Math.Max(Tile.Rows, OperationsPerSlice / (2 * Math.Max(1, config.MatrixWeightCount - ((long)config.VocabularySize * config.HiddenSize))));

    private bool HasRoom(SequenceGroup group, int rows, long reserved) =>
        rows == 0 || (rows + group.Sequences.Length <= mostRows && reserved + group.ReservedBytes <= mostBytes);

    /// <summary>Lets those leave whose callers have gone.</summary>
    private void DropStopped()
    {
        Leave(_active);
        for (var node = _waiting.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Done)
            {
                node.Value.Cached?.Dispose();
                node.Value.Cached = null;
                _waiting.Remove(node);
            }

            node = next;
        }
    }

    private void RunPrompts()
    {
        var parts = new List<(SequenceGroup Group, PromptPart Part)>();
        int left = _promptTokens;
        int rows = _active.Count;
        long reserved = _reserved;
        for (var node = _waiting.First; node is not null && left > 0 && HasRoom(node.Value, rows, reserved); node = node.Next)
        {
            var group = node.Value;
            group.Cached ??= new CachedPrompt(_config, group.Prompt.Length);
            int count = Math.Min(left, group.Prompt.Length - group.PromptDone);
            parts.Add((group, new(group.Cached, group.PromptDone, count)));
            left -= count;
            rows += group.Sequences.Length;
            reserved += group.ReservedBytes;
        }

        int[] ids = [.. parts.SelectMany(x => x.Group.Prompt.Skip(x.Part.Start).Take(x.Part.Count))];
        int[] positions = [.. parts.SelectMany(x => Enumerable.Range(x.Part.Start, x.Part.Count))];
        _cache.PlanPrompts([.. parts.Select(x => x.Part)]);
        _pass.RunMixed(ids, positions, _cache, [.. parts.SelectMany(x => Enumerable.Repeat(x.Group.Adapter, x.Part.Count))]);

        var last = new List<int>();
        var entering = new List<SequenceGroup>();
        int end = 0;
        foreach (var (group, part) in parts)
        {
            end += part.Count;
            group.PromptDone += part.Count;
            if (group.PromptDone == group.Prompt.Length)
            {
                last.Add(end - 1);
                entering.Add(group);
                _waiting.Remove(group);
            }
        }

        if (last.Count > 0)
        {
            Sample([.. last], i => entering[i].Sequences);
            entering.ForEach(Enter);
        }
    }

    private void Decode()
    {
        int highest = _config.ContextLength - 1;
        int[] positions = [.. _active.Select(x => Math.Min(x.Group.Prompt.Length + x.Cached!.Length, highest))];
        _cache.PlanContinuations([.. _active.Select(x => x.Cached!)]);
        _pass.RunMixed([.. _active.Select(x => x.Tokens[^1])], positions, _cache, [.. _active.Select(x => x.Group.Adapter)]);
        foreach (var row in _active)
        {
            row.Cached!.Length++;
        }

        Sample([.. Enumerable.Range(0, _active.Count)], i => CollectionsMarshal.AsSpan(_active).Slice(i, 1));
        Leave(_active);
    }

    /// <summary>Samples the next token of the continuations that share the logits of each row.</summary>
    private unsafe void Sample(int[] passRows, SharersOfRow sharers)
    {
        int vocabulary = _config.VocabularySize;
        _pass.NormLast(passRows, _normed);
        _pass.Logits(_normed, 0, passRows.Length, _logits);
        ComputeThread.Team.Run(passRows.Length, i =>
        {
            var logits = new Span<float>(_logits.Row(i), vocabulary);
            var sequences = sharers(i);
            for (int j = 0; j < sequences.Length; j++)
            {
                var sequence = sequences[j];
                var (options, place) = (sequence.Group.Options, sequence.Tokens.Count);
                // Sampling overwrites the logits.
                var plain = sequence.Group.LikeliestTokens is null ? null : logits.ToArray();
                var own = j < sequences.Length - 1 ? logits.ToArray() : logits;
                var token = TokenSampler.Sample(own, options.Temperature, options.TopP, sequence.Group.Random(sequence.Index, place));
                sequence.Add(token, model.EndTokens);
                if (plain is not null)
                {
                    sequence.Alternatives.Add(TokenSampler.Likeliest(plain, token.Id, sequence.Group.LikeliestTokens!.Value));
                }
            }
        });
    }

    private void Enter(SequenceGroup group)
    {
        foreach (var sequence in group.Sequences)
        {
            sequence.Cached = new CachedContinuation(group.Cached!);
        }

        _reserved += group.ReservedBytes;
        var rows = group.Sequences.ToList();
        Leave(rows);
        _active.AddRange(rows);
    }

    private void Leave(List<Sequence> rows)
    {
        foreach (var row in rows.Where(x => x.Done))
        {
            _cache.Release(row.Cached!);
            if (row.Group.Done && row.Group.Cached is { } cached)
            {
                cached.Dispose();
                row.Group.Cached = null;
                _reserved -= row.Group.ReservedBytes;
            }
        }

        rows.RemoveAll(x => x.Done);
    }

    /// <summary>The continuations that the logits of a row are for.</summary>
    private delegate ReadOnlySpan<Sequence> SharersOfRow(int row);
}
