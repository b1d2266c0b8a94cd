using RftConsole.Training.Models;

using static TorchSharp.torch;

namespace RftConsole.Training.Grpo;

/// <summary>
/// Attention of packed prompts and completions: a prompt attends to itself, a completion to its group's prompt and to itself. The completions of a group act as
/// so many queries on the same prompt, as they do in sampling.
/// </summary>
public sealed class GroupedAttention : IAttention
{
    private readonly GroupedSequences _layout;
    private readonly DecoderConfig _config;
    private readonly Tensor _prompts;
    private readonly Tensor _completions;
    private readonly Tensor _padded;
    private readonly Tensor _promptMask;
    private readonly Tensor _causalMask;

    /// <summary>Makes the index and mask tensors in the current dispose scope.</summary>
    public GroupedAttention(GroupedSequences layout, DecoderConfig config)
    {
        (_layout, _config) = (layout, config);
        _prompts = tensor(layout.PromptPlaces);
        _completions = tensor(layout.CompletionPlaces);
        _padded = tensor(layout.PaddedPlaces);
        float[] mask = new float[layout.GroupCount * layout.PromptColumns];
        for (int g = 0; g < layout.GroupCount; g++)
        {
            mask.AsSpan((g * layout.PromptColumns) + layout.PromptLengths[g], layout.PromptColumns - layout.PromptLengths[g]).Fill(float.NegativeInfinity);
        }

        _promptMask = tensor(mask, [layout.GroupCount, 1, 1, layout.PromptColumns]);
        _causalMask = full([layout.CompletionColumns, layout.CompletionColumns], float.NegativeInfinity).triu(1);
    }

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value)
    {
        long groups = _layout.GroupCount, heads = _config.KeyValueHeadCount, size = _config.HeadSize, shared = _config.HeadCount / heads;
        var (q, k, v) = (query.squeeze(0), key.squeeze(0), value.squeeze(0));
        var (promptKey, promptValue) = (Rows(k, _prompts, groups, heads, size), Rows(v, _prompts, groups, heads, size));
        var prompts = CausalAttention.Instance.Attend(layer, Rows(q, _prompts, groups, heads * shared, size), promptKey, promptValue).view(-1, heads * shared * size);
        if (_layout.CompletionColumns == 0)
        {
            return prompts.index_select(0, _padded).unsqueeze(0);
        }

        long samples = _layout.GroupSize, time = _layout.CompletionColumns;

        // [groups, key-value heads, samples, shared, time, size]: query heads that share a key head, and samples that share a prompt, become rows of one product.
        var cq = (q.index_select(0, _completions) * (1 / Math.Sqrt(size))).view(groups, samples, time, heads, shared, size).permute(0, 3, 1, 4, 2, 5).contiguous();
        var ck = k.index_select(0, _completions).view(groups, samples, time, heads, size).permute(0, 3, 1, 2, 4);
        var cv = v.index_select(0, _completions).view(groups, samples, time, heads, size).permute(0, 3, 1, 2, 4);
        var onPrompt = matmul(cq.view(groups, heads, samples * shared * time, size), promptKey.permute(0, 2, 3, 1)) + _promptMask;
        var onSelf = matmul(cq.view(groups, heads, samples, shared * time, size), ck.transpose(-2, -1)).view(groups, heads, samples, shared, time, time) + _causalMask;
        var weights = cat([onPrompt.view(groups, heads, samples, shared, time, -1), onSelf], -1).softmax(-1);
        var fromPrompt = matmul(weights.narrow(-1, 0, _layout.PromptColumns).reshape(groups, heads, samples * shared * time, -1), promptValue.transpose(1, 2));
        var fromSelf = matmul(weights.narrow(-1, _layout.PromptColumns, time).reshape(groups, heads, samples, shared * time, time), cv);
        var completions = (fromPrompt.view(groups, heads, samples, shared, time, size) + fromSelf.view(groups, heads, samples, shared, time, size))
            .permute(0, 2, 4, 1, 3, 5).reshape(-1, heads * shared * size);
        return cat([prompts, completions], 0).index_select(0, _padded).unsqueeze(0);
    }

    private static Tensor Rows(Tensor packed, Tensor places, long groups, long heads, long size) => packed.index_select(0, places).view(groups, -1, heads, size);
}
