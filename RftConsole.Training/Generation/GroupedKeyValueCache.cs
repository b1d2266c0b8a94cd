using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Generation;

/// <summary>
/// Keys and values of groups of continuations that share a prompt: the prompt's are computed and kept once for its group, each continuation keeps its own.
/// While decoding, the continuations of a group act as so many queries on the same prompt, so the prompt's keys are not copied either.
/// </summary>
/// <remarks>
/// Departures from attention over one long cache: scores over the prompt and over the own tokens are computed apart and joined before one softmax; prompts of
/// different lengths are padded on the right and masked. Use it on the compute thread; it owns its tensors.
/// </remarks>
public sealed class GroupedKeyValueCache : IAttention, IDisposable
{
    private readonly DecoderConfig _config;
    private readonly (Tensor Key, Tensor Value)[] _prompt;
    private readonly (Tensor Key, Tensor Value)[] _own;
    private Tensor _promptMask;
    private int _groups;
    private int _prefilled;

    /// <param name="config">The decoder's shape.</param>
    /// <param name="promptLengths">Tokens of each group's prompt.</param>
    /// <param name="groupSize">Continuations of each prompt.</param>
    /// <param name="capacity">Most tokens of a continuation.</param>
    public GroupedKeyValueCache(DecoderConfig config, IReadOnlyList<int> promptLengths, int groupSize, int capacity)
    {
        _config = config;
        _groups = promptLengths.Count;
        GroupSize = groupSize;
        int longest = promptLengths.Max();
        _prompt = new (Tensor, Tensor)[config.LayerCount];
        _own = new (Tensor, Tensor)[config.LayerCount];
        for (int i = 0; i < config.LayerCount; i++)
        {
            _prompt[i] = (Buffer(_groups, longest), Buffer(_groups, longest));
            _own[i] = (Buffer(_groups * groupSize, capacity), Buffer(_groups * groupSize, capacity));
        }

        float[] mask = new float[_groups * longest];
        for (int group = 0; group < _groups; group++)
        {
            mask.AsSpan((group * longest) + promptLengths[group], longest - promptLengths[group]).Fill(float.NegativeInfinity);
        }

        _promptMask = tensor(mask, [_groups, 1, 1, longest]).DetachFromDisposeScope();

        Tensor Buffer(int rows, int length) => empty(rows, config.KeyValueHeadCount, length, config.HeadSize).DetachFromDisposeScope();
    }

    /// <summary>Continuations of each prompt.</summary>
    public int GroupSize { get; }

    /// <summary>Own tokens of each continuation that are in the cache.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// To be called after each forward pass over the prompts of the next groups, all padded to the longest. Once all have gone through, what follows are single
    /// tokens of each continuation.
    /// </summary>
    public void AdvancePrefill(int groups) => _prefilled += groups;

    /// <summary>To be called after each decode step.</summary>
    public void Advance() => Length++;

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value) =>
        _prefilled == _groups ? Decode(layer, query, key, value) : Prefill(layer, query, key, value);

    /// <summary>Drops all groups but those at <paramref name="groups"/>.</summary>
    public void Keep(long[] groups)
    {
        var prompts = tensor(groups);
        var rows = tensor(groups.SelectMany(x => Enumerable.Range(0, GroupSize).Select(i => (x * GroupSize) + i)).ToArray());
        for (int i = 0; i < _prompt.Length; i++)
        {
            _prompt[i] = (Select(_prompt[i].Key, prompts), Select(_prompt[i].Value, prompts));
            _own[i] = (Select(_own[i].Key, rows), Select(_own[i].Value, rows));
        }

        _promptMask = Select(_promptMask, prompts);
        _groups = _prefilled = groups.Length;

        static Tensor Select(Tensor old, Tensor index)
        {
            var kept = old.index_select(0, index).DetachFromDisposeScope();
            old.Dispose();
            return kept;
        }
    }

    public void Dispose()
    {
        foreach (var (key, value) in _prompt.Concat(_own))
        {
            key.Dispose();
            value.Dispose();
        }

        _promptMask.Dispose();
    }

    private Tensor Prefill(int layer, Tensor query, Tensor key, Tensor value)
    {
        long groups = key.size(0);
        _prompt[layer].Key.narrow(0, _prefilled, groups).copy_(key.transpose(1, 2));
        _prompt[layer].Value.narrow(0, _prefilled, groups).copy_(value.transpose(1, 2));
        return CausalAttention.Instance.Attend(layer, query, key, value);
    }

    private Tensor Decode(int layer, Tensor query, Tensor key, Tensor value)
    {
        long heads = _config.KeyValueHeadCount, shared = _config.HeadCount / heads, size = _config.HeadSize, rows = _groups * GroupSize;
        var (promptKey, promptValue) = _prompt[layer];
        var (ownKey, ownValue) = _own[layer];
        long promptLength = promptKey.size(2), ownLength = Length + 1;
        ownKey.narrow(2, Length, 1).copy_(key.transpose(1, 2));
        ownValue.narrow(2, Length, 1).copy_(value.transpose(1, 2));

        // Query heads that share a key head become rows of one product: [groups, key-value heads, group size × shared, head size].
        var scaled = (query * (1 / Math.Sqrt(size))).view(_groups, GroupSize, heads, shared, size);
        var promptScores = matmul(scaled.transpose(1, 2).reshape(_groups, heads, GroupSize * shared, size), promptKey.transpose(2, 3)).add_(_promptMask);
        var ownScores = matmul(scaled.view(rows, heads, shared, size), ownKey.narrow(2, 0, ownLength).transpose(2, 3));
        ownScores = ownScores.view(_groups, GroupSize, heads, shared, ownLength).transpose(1, 2).reshape(_groups, heads, GroupSize * shared, ownLength);

        var weights = cat([promptScores, ownScores], -1).softmax(-1);
        var fromPrompt = matmul(weights.narrow(-1, 0, promptLength), promptValue).view(_groups, heads, GroupSize, shared, size).transpose(1, 2);
        var ownWeights = weights.narrow(-1, promptLength, ownLength).view(_groups, heads, GroupSize, shared, ownLength).transpose(1, 2).reshape(rows, heads, shared, ownLength);
        var fromOwn = matmul(ownWeights, ownValue.narrow(2, 0, ownLength)).view(_groups, GroupSize, heads, shared, size);
        return fromPrompt.add(fromOwn).reshape(rows, 1, heads * shared * size);
    }
}
