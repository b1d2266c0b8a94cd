using System.Diagnostics;
using System.Threading.Channels;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Generation;

/// <summary>Tokens of one continuation that came since the last run.</summary>
/// <param name="Choice">The continuation's place in its group.</param>
/// <param name="Tokens">The new tokens.</param>
/// <param name="Alternatives">Log-probabilities of each, where they were asked for.</param>
/// <param name="FinishReason">Null until the end.</param>
internal sealed record TokenRun(int Choice, int[] Tokens, (float LogProbability, LikelyToken[] Likeliest)[] Alternatives, string? FinishReason);

/// <summary>
/// All requests for one base model, decoded together in one <see cref="ContinuousBatch"/> that lasts as long as there are any. Small models run several tokens a slice,
/// so that neither the hops between threads nor the wake-ups of readers cost more than the arithmetic.
/// </summary>
internal sealed class ServingLane(LoadedModel model, ComputeThread compute)
{
    /// <summary>Most continuations at a time.</summary>
    private const int MostRows = 256;

    /// <summary>How long one slice goes on at least while nobody new waits.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(20);

    /// <summary>And at most: ten times a second is smooth to whoever reads along.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(100);

    /// <summary>What telling one reader of its news costs a core, sockets and the reader's own program included, times ten: so much of the time goes to arithmetic.</summary>
    private static readonly TimeSpan s_perReader = TimeSpan.FromMilliseconds(1.5);

    private readonly Lock _gate = new();
    private readonly List<Served> _served = [];
    private readonly List<Served> _arrived = [];
    private bool _running;
    private volatile bool _someoneArrived;

    /// <summary>Whether there are requests.</summary>
    public bool Busy
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>The continuations of a group as they come. <see cref="SequenceGroup.Stop"/> ends them.</summary>
    public ChannelReader<TokenRun> Submit(SequenceGroup group)
    {
        Served served = new(group);
        lock (_gate)
        {
            _arrived.Add(served);
            _someoneArrived = true;
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync);
            }
        }

        return served.Runs.Reader;
    }

    private async Task RunAsync()
    {
        ContinuousBatch? batch = null;
        try
        {
            batch = await compute.RunAsync(WorkPriority.Interactive, () => new ContinuousBatch(model, MostRows, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, takesTurns: true));
            while (HasWork())
            {
                await compute.RunAsync(WorkPriority.Interactive, () => Step(batch));
            }
        }
        catch (Exception broken)
        {
            // Every request of the batch gets the failure; the next one begins anew.
            Fail(broken);
        }

        if (batch is not null)
        {
            await compute.RunAsync(WorkPriority.Interactive, batch.Dispose);
        }
    }

    private bool HasWork()
    {
        lock (_gate)
        {
            return _running = _arrived.Count + _served.Count > 0;
        }
    }

    private void Fail(Exception broken)
    {
        Served[] concerned;
        lock (_gate)
        {
            concerned = [.. _served, .. _arrived];
            _served.Clear();
            _arrived.Clear();
            _running = false;
        }

        foreach (Served served in concerned)
        {
            served.Runs.Writer.TryComplete(broken);
        }
    }

    private void Step(ContinuousBatch batch)
    {
        lock (_gate)
        {
            _arrived.ForEach(served => batch.Add(served.Group));
            _served.AddRange(_arrived);
            _arrived.Clear();
            _someoneArrived = false;
        }

        long start = Stopwatch.GetTimestamp();
        int rows = batch.ActiveRows;
        TimeSpan most = TimeSpan.FromTicks(Math.Clamp(rows * s_perReader.Ticks, s_shortest.Ticks, s_longest.Ticks));
        while (batch.Advance() && !batch.RanPrompts && !_someoneArrived)
        {
            // An answer that has come to its end is told of soon: its reader may be waiting to ask the next thing.
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed >= (batch.ActiveRows < rows ? s_shortest : most))
            {
                break;
            }
        }

        lock (_gate)
        {
            _served.RemoveAll(served => served.Publish());
        }
    }

    /// <summary>A group whose reader hears of its tokens.</summary>
    private sealed class Served(SequenceGroup group)
    {
        private readonly int[] _published = new int[group.Sequences.Length];
        private readonly bool[] _ended = new bool[group.Sequences.Length];

        public SequenceGroup Group { get; } = group;

        public Channel<TokenRun> Runs { get; } = Channel.CreateUnbounded<TokenRun>(new() { SingleReader = true, SingleWriter = true });

        /// <summary>Tells what is new; returns whether that was the last of it.</summary>
        public bool Publish()
        {
            foreach (Sequence sequence in Group.Sequences)
            {
                int known = _published[sequence.Index];
                if (_ended[sequence.Index] || (sequence.Tokens.Count == known && !sequence.Done))
                {
                    continue;
                }

                _published[sequence.Index] = sequence.Tokens.Count;
                _ended[sequence.Index] = sequence.Done;
                Runs.Writer.TryWrite(new(
                    sequence.Index,
                    [.. sequence.Tokens.Skip(known)],
                    [.. sequence.Alternatives.Skip(known)],
                    !sequence.Done ? null : sequence.Ended ? "stop" : "length"));
            }

            if (!Group.Done)
            {
                return false;
            }

            Runs.Writer.TryComplete();
            return true;
        }
    }
}
