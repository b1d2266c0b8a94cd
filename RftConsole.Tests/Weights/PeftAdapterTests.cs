using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Models;
using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Tests.Weights;

/// <summary>Adapters come back as they were saved; kinds that the engine does not compute are refused by name.</summary>
public sealed class PeftAdapterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string ConfigPath => Path.Combine(_folder.Path, PeftAdapter.ConfigFile);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_saved_adapter_comes_back_bit_for_bit()
    {
        var config = await SaveAsync();
        await TestEngine.RunAsync(() =>
        {
            using var saved = Samples.Adapter(config, 9);
            using var loaded = PeftAdapter.Load(_folder.Path, config);

            Assert.Equal((saved.Shape.Rank, saved.Shape.Alpha, saved.Shape.Scale), (loaded.Shape.Rank, loaded.Shape.Alpha, loaded.Shape.Scale));
            Assert.Equal(saved.Shape.Targets, loaded.Shape.Targets);
            Assert.Equal(saved.Parameters().Select(x => x.Name), loaded.Parameters().Select(x => x.Name));
            Assert.All(saved.Parameters().Zip(loaded.Parameters()), x => Assert.Equal(x.First.Tensor.data<float>().ToArray(), x.Second.Tensor.data<float>().ToArray()));
        });
    }

    [Fact]
    public async Task Root_scaling_and_a_part_of_the_targets_come_back()
    {
        var config = await ConfigAsync();
        await TestEngine.RunAsync(() =>
        {
            using var adapter = LoraAdapter.Create(config, new(3, 7.5, ["k_proj", "down_proj"], RankStabilized: true), 1);
            PeftAdapter.Save(adapter, _folder.Path, "base");
            using var loaded = PeftAdapter.Load(_folder.Path, config);

            Assert.Equal(7.5 / Math.Sqrt(3), loaded.Shape.Scale);
            Assert.Equal(["k_proj", "down_proj"], loaded.Shape.Targets);
            Assert.Null(loaded.Find(0, "q_proj"));
        });
    }

    [Fact]
    public async Task The_reasoning_effort_of_training_comes_back()
    {
        var config = await ConfigAsync();
        await TestEngine.RunAsync(() =>
        {
            using var adapter = LoraAdapter.Create(config, new(3, 6, ["k_proj"]), 1, ReasoningEffort.None);
            PeftAdapter.Save(adapter, _folder.Path, "base");
            using var loaded = PeftAdapter.Load(_folder.Path, config);

            Assert.Equal(ReasoningEffort.None, loaded.ReasoningEffort);
        });
    }

    [Fact]
    public async Task The_configuration_has_what_peft_reads()
    {
        await SaveAsync();
        var json = JsonNode.Parse(await File.ReadAllTextAsync(ConfigPath))!.AsObject();

        Assert.Equal("LORA", (string?)json["peft_type"]);
        Assert.Equal("CAUSAL_LM", (string?)json["task_type"]);
        Assert.Equal("the base", (string?)json["base_model_name_or_path"]);
        Assert.Equal((4, 8.0), ((int)json["r"]!, (double)json["lora_alpha"]!));
        Assert.Equal(WeightShapes.LinearLayers, json["target_modules"]!.AsArray().Select(x => (string)x!));
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"", "peft_type IA3 is not supported")]
    [InlineData("use_dora", "true", "use_dora is not supported")]
    [InlineData("modules_to_save", "[\"lm_head\"]", "modules_to_save is not supported")]
    [InlineData("target_modules", "[\"q_proj\",\"embed_tokens\"]", "target_modules: \"embed_tokens\"")]
    [InlineData("target_modules", "[]", "target_modules")]
    [InlineData("target_modules", "\"(q_proj\"", "target_modules: \"(q_proj\" is not a pattern")]
    [InlineData("bias", "\"all\"", "bias \"all\" is not supported")]
    [InlineData("lora_bias", "true", "lora_bias is not supported")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out is not supported")]
    [InlineData("layer_replication", "[[0,2]]", "layer_replication is not supported")]
    [InlineData("init_lora_weights", "\"pissa_niter_16\"", "init_lora_weights \"pissa_niter_16\" is not supported")]
    [InlineData("layers_pattern", "\"blocks\"", "layers_pattern is not supported")]
    [InlineData("layers_to_transform", "[77]", "layers_to_transform: 77")]
    [InlineData("some_future_kind", "{\"x\":1}", "some_future_kind is not supported")]
    [InlineData("rank_pattern", "{\"q_proj\":0}", "rank_pattern, \"q_proj\" is 0")]
    [InlineData("rank_pattern", "{\"(?=q)_proj\":2}", "rank_pattern: \"(?=q)_proj\" is not a pattern")]
    [InlineData("alpha_pattern", "{\"q_proj\":\"8\"}", "not the configuration")]
    [InlineData("r", "0", "r is 0")]
    [InlineData("r", "\"four\"", "not the configuration")]
    [InlineData("lora_alpha", "null", "not the configuration")]
    public async Task Another_kind_of_adapter_is_refused_by_name(string key, string value, string message)
    {
        var config = await SaveAsync();
        var json = JsonNode.Parse(await File.ReadAllTextAsync(ConfigPath))!.AsObject();
        json[key] = JsonNode.Parse(value);
        await File.WriteAllTextAsync(ConfigPath, json.ToJsonString());

        var error = await Assert.ThrowsAsync<WeightFormatException>(() => TestEngine.RunAsync(() => PeftAdapter.Load(_folder.Path, config)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(PeftAdapter.ConfigFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_adapter_of_another_model_is_refused_with_the_tensor_that_does_not_fit()
    {
        await SaveAsync();
        var other = (await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-qwen3"))).Decoder.Config;
        var config = await ConfigAsync();
        var deeper = config with { LayerCount = config.LayerCount + 1 };
        var flatter = config with { LayerCount = config.LayerCount - 1 };

        Assert.Contains("lora_", (await RefusedAsync(other)).Message, StringComparison.Ordinal);
        Assert.Contains($"layers.{config.LayerCount}.self_attn.q_proj.lora_A.weight: the tensor is missing", (await RefusedAsync(deeper)).Message, StringComparison.Ordinal);
        Assert.Contains("tensors where", (await RefusedAsync(flatter)).Message, StringComparison.Ordinal);

        Task<WeightFormatException> RefusedAsync(DecoderConfig shape) => Assert.ThrowsAsync<WeightFormatException>(() => TestEngine.RunAsync(() => PeftAdapter.Load(_folder.Path, shape)));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var config = await SaveAsync();
        File.Delete(Path.Combine(_folder.Path, PeftAdapter.WeightsFile));
        var error = await Assert.ThrowsAsync<WeightFormatException>(() => TestEngine.RunAsync(() => PeftAdapter.Load(_folder.Path, config)));
        Assert.Contains(PeftAdapter.WeightsFile, error.Message, StringComparison.Ordinal);

        File.Delete(ConfigPath);
        error = await Assert.ThrowsAsync<WeightFormatException>(() => TestEngine.RunAsync(() => PeftAdapter.Load(_folder.Path, config)));
        Assert.Contains(PeftAdapter.ConfigFile, error.Message, StringComparison.Ordinal);
    }

    private static async Task<DecoderConfig> ConfigAsync() => (await TestEngine.Models.LoadAsync(Goldens.ModelOf("tiny-llama-tied"))).Decoder.Config;

    private async Task<DecoderConfig> SaveAsync()
    {
        var config = await ConfigAsync();
        await TestEngine.RunAsync(() =>
        {
            using var adapter = Samples.Adapter(config, 9);
            PeftAdapter.Save(adapter, _folder.Path, "the base");
        });
        return config;
    }
}
