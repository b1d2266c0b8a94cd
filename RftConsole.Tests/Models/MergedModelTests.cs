using RftConsole.Tests.Web.Fakes;
using RftConsole.Tests.Weights;
using RftConsole.Training;
using RftConsole.Training.Generation;
using RftConsole.Training.Models;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Models;

/// <summary>A merged folder is a model of its own that computes what base and adapter compute together.</summary>
public sealed class MergedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Adapter => Path.Combine(_folder.Path, "adapter");

    private string Output => Path.Combine(_folder.Path, "merged");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tiny-llama-tied", null, 1e-4f)]
    [InlineData("tiny-llama-sharded", null, 1e-4f)]
    // Rounded to 16 bits again, as the model was published.
    [InlineData("tiny-qwen2", null, 5e-2f)]
    [InlineData("tiny-qwen3", null, 5e-3f)]
    [InlineData("tiny-llama3-rope", "llama-bpe", 1e-4f)]
    [InlineData("tiny-qwen2", "qwen2", 1e-4f)]
    public async Task The_merged_folder_has_the_log_probabilities_of_base_and_adapter(string set, string? pre, float tolerance)
    {
        string path = Goldens.ModelOf(set);
        if (pre is not null)
        {
            string file = Path.Combine(_folder.Path, "model.gguf");
            await File.WriteAllBytesAsync(file, await GgufConversion.ConvertAsync(await TestEngine.Models.LoadAsync(path), pre), TestContext.Current.CancellationToken);
            path = file;
        }

        await using var models = new ModelHost(TestEngine.Compute);
        var model = await models.LoadAsync(path);
        await MergeAsync(path, model);
        var adapter = await models.LoadAdapterAsync(model, Adapter);
        var merged = await models.LoadAsync(Output);

        int[] ids = Samples.Tokens(24, model, 3);
        float[] plain = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, null, ids));
        float[] expected = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(model.Decoder, adapter, ids));
        float[] actual = await TestEngine.RunAsync(() => SequenceScorer.LogProbabilities(merged.Decoder, null, ids));
        Assert.Contains(plain.Zip(expected), x => Math.Abs(x.First - x.Second) > 0.1);
        Assert.All(expected.Zip(actual), x => Assert.InRange(x.Second, x.First - tolerance, x.First + tolerance));
        Assert.Equal(model.EndTokens.Order(), merged.EndTokens.Order());
        Training.Text.ChatMessage[] chat = [new("user", "Say: 12 naïve words\n")];
        Assert.Equal(model.EncodePrompt(chat), merged.EncodePrompt(chat));
        Assert.Equal(model.Tokenizer.Encode("begin", addSpecialTokens: true), merged.Tokenizer.Encode("begin", addSpecialTokens: true));
    }

    [Theory]
    [InlineData("tiny-llama-tied", "F32")]
    [InlineData("tiny-qwen2", "BF16")]
    [InlineData("tiny-qwen3", "F16")]
    public async Task The_weights_keep_the_type_in_which_they_were_published(string set, string type)
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf(set));
        await MergeAsync(model.Path, model);

        using var file = SafetensorsFile.Open(Path.Combine(Output, "model.safetensors"));
        Assert.All(file.Entries.Values, x => Assert.Equal(type, x.Type));
        Assert.Equal(["merged"], Directory.GetDirectories(_folder.Path, "merged*").Select(x => Path.GetFileName(x)));
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_left_alone()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        Directory.CreateDirectory(Output);
        await File.WriteAllTextAsync(Path.Combine(Output, "mine.txt"), "kept", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<UserInputException>(() => MergeAsync(model.Path, model));

        Assert.Contains(Output, error.Message, StringComparison.Ordinal);
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(Output, "mine.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_adapter_that_does_not_fit_leaves_nothing_behind()
    {
        var model = await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"));
        using var other = ModelSource.Open(Goldens.ModelOf("tiny-qwen3"));
        await MergeAsync(model.Path, model);
        string second = Path.Combine(_folder.Path, "second");

        await Assert.ThrowsAsync<WeightFormatException>(() => TestEngine.RunAsync(() => MergedModel.Write(other, Adapter, second)));

        Assert.Empty(Directory.GetDirectories(_folder.Path, "second*"));
    }

    private Task MergeAsync(string path, LoadedModel model) => TestEngine.RunAsync(() =>
    {
        using var adapter = Samples.Adapter(model.Decoder.Config, 11);
        PeftAdapter.Save(adapter, Adapter, "base");
        using var source = ModelSource.Open(path);
        MergedModel.Write(source, Adapter, Output);
    });
}
