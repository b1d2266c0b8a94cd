using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Generation;

/// <summary>Answers to many callers at once: none depends on the others, each ends for itself.</summary>
public sealed class ChatGeneratorTests : IDisposable
{
    private const string Model = "tiny-llama-tied";

    private readonly TemporaryFolder _folder = new();
    private readonly ChatGenerator _generator = new(TestEngine.Models);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_answer_is_the_same_to_the_last_bit_whoever_shares_the_batch_and_with_which_adapter()
    {
        string?[] adapters = [null, await AdapterAsync(1), await AdapterAsync(2)];
        ChatRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => Request($"{new string('a', i)} say {i}", i) with { AdapterFolder = adapters[i % 3], LikeliestTokens = 2 })];
        Answer[] alone = new Answer[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            alone[i] = (await AnswerAsync(requests[i]))[0];
        }

        Answer[] together = [.. (await Task.WhenAll(requests.Select(request => AnswerAsync(request)))).Select(x => x[0])];

        Assert.Equal(alone.Select(x => x.Text), together.Select(x => x.Text));
        Assert.Equal(alone.Select(x => x.Bits), together.Select(x => x.Bits));
        Assert.Equal(requests.Length, alone.Select(x => x.Bits).Distinct().Count());
    }

    [Fact]
    public async Task The_first_of_several_choices_is_the_answer_to_a_request_for_one_and_the_others_differ()
    {
        Answer[] one = await AnswerAsync(Request("Tell me", 3));
        Answer[] three = await AnswerAsync(Request("Tell me", 3) with { Choices = 3 });

        Assert.Equal(one[0].Text, three[0].Text);
        Assert.Equal(3, three.Select(x => x.Text).Distinct().Count());
        Assert.All(three, x => Assert.NotNull(x.FinishReason));
    }

    [Fact]
    public async Task An_answer_ends_before_its_stop_text_however_its_tokens_fall()
    {
        string whole = (await AnswerAsync(Request("Go on", 5)))[0].Text;
        for (int start = 2; start + 4 <= whole.Length; start += 3)
        {
            string stop = whole.Substring(start, 4);
            Answer answer = (await AnswerAsync(Request("Go on", 5) with { Stop = ["never comes \u0001", stop] }))[0];

            Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], answer.Text);
            Assert.Equal("stop", answer.FinishReason);
        }
    }

    [Fact]
    public async Task Likeliest_tokens_come_in_order_and_with_the_models_own_probabilities()
    {
        List<ChatPiece> pieces = await ReadAsync(Request("Hello", 1) with { Temperature = 0, LikeliestTokens = 5, MaxTokens = 4 });
        List<ScoredToken> tokens = [.. pieces.SelectMany(x => x.Tokens)];

        Assert.Equal(4, tokens.Count);
        Assert.All(tokens, token =>
        {
            // Greedy takes the likeliest.
            Assert.Equal(token.Bytes, token.Likeliest[0].Bytes);
            Assert.Equal(token.LogProbability, token.Likeliest[0].LogProbability);
            Assert.Equal(token.Likeliest.OrderByDescending(x => x.LogProbability).Select(x => x.LogProbability), token.Likeliest.Select(x => x.LogProbability));
            Assert.InRange(token.Likeliest.Sum(x => Math.Exp(x.LogProbability)), 0, 1.00001);
        });
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_its_answer_and_no_other()
    {
        using CancellationTokenSource leaves = new();
        Task<Answer[]> stays = AnswerAsync(Request("I stay", 2));
        await using (IAsyncEnumerator<ChatPiece> left = _generator.StreamAsync(Request("I leave", 1) with { MaxTokens = 10_000 }, leaves.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken))
        {
            Assert.True(await left.MoveNextAsync());
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                while (await left.MoveNextAsync())
                {
                }
            });
        }

        Assert.NotNull((await stays)[0].FinishReason);
    }

    [Fact]
    public async Task A_conversation_longer_than_the_context_is_refused_with_both_lengths()
    {
        ContextLengthException refused = await Assert.ThrowsAsync<ContextLengthException>(() => ReadAsync(Request(string.Concat(Enumerable.Repeat("word and ", 4000)), 1)));

        Assert.True(refused.Tokens >= refused.ContextLength);
    }

    [Fact]
    public async Task Where_memory_is_short_the_model_that_was_not_asked_for_the_longest_goes()
    {
        long available = long.MaxValue;
        await using ModelHost host = new(TestEngine.Compute, memory: new(() => Interlocked.Read(ref available)));
        LoadedModel first = await host.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        await host.LoadAsync(Goldens.ModelOf("tiny-qwen2"));
        await host.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        Assert.Equal(2, host.LoadedModels.Count);

        // Short while two are there, enough with one.
        Interlocked.Exchange(ref available, 0);
        await host.LoadAsync(Goldens.ModelOf("tiny-qwen3"));

        Assert.Equal(["tiny-qwen3"], host.LoadedModels.Select(path => Path.GetFileName(path)));
        // Whoever has it can go on with it.
        Assert.NotEmpty(await Samples.GenerateAsync(TestEngine.Compute, first, Samples.Prompts(2, first), 1, 3));
        Assert.NotSame(first, await host.LoadAsync(Goldens.ModelOf("tiny-llama-tied")));
    }

    private static ChatRequest Request(string text, long seed) => new(Goldens.ModelOf(Model), null, [new ChatMessage("user", text)], 16, 1, 1, seed);

    private async Task<string> AdapterAsync(long seed)
    {
        string folder = Path.Combine(_folder.Path, $"adapter-{seed}");
        LoadedModel model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(Model));
        await TestEngine.RunAsync(() =>
        {
            using LoraAdapter adapter = Samples.Adapter(model.Decoder.Config, seed);
            PeftAdapter.Save(adapter, folder, Model);
        });
        return folder;
    }

    private async Task<List<ChatPiece>> ReadAsync(ChatRequest request)
    {
        List<ChatPiece> pieces = [];
        await foreach (ChatPiece piece in _generator.StreamAsync(request, TestContext.Current.CancellationToken))
        {
            pieces.Add(piece);
        }

        return pieces;
    }

    private async Task<Answer[]> AnswerAsync(ChatRequest request) =>
    [
        .. (await ReadAsync(request)).GroupBy(x => x.Choice).OrderBy(x => x.Key).Select(choice => new Answer(
            string.Concat(choice.Select(x => x.Text)),
            string.Join(' ', choice.SelectMany(x => x.Tokens).Select(x => BitConverter.SingleToInt32Bits(x.LogProbability))),
            choice.Last().FinishReason)),
    ];

    private sealed record Answer(string Text, string Bits, string? FinishReason);
}
