using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training.Models;
using RftConsole.Training.Weights;

using TorchSharp;

namespace RftConsole.Tests.Weights;

/// <summary>Adapters whose layers differ in rank and scale, or that leave layers out, as PEFT describes them.</summary>
public sealed class PeftPatternTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("q_proj", 0, 2)]
    [InlineData("k_proj", 1, 4)]
    [InlineData("o_proj", 0, 4)]
    [InlineData("o_proj", 1, 3)]
    [InlineData("up_proj", 0, 5)]
    [InlineData("up_proj", 1, 5)]
    public void The_first_matching_key_gives_the_rank(string target, int layer, int expected)
    {
        // The second key matches a name's end only after a dot, and the last one never comes to its turn.
        var configuration = Written("""
            {"rank_pattern":{"q_proj":2,"proj":9,"layers.1.self_attn.o_proj":3,"model\\.layers\\.\\d+\\.mlp\\.up_proj":5,"up_proj":9},"alpha_pattern":{}}
            """);

        Assert.Equal(expected, configuration.Modules(Config).Single(x => x.Layer == layer && x.Target == target).Rank);
    }

    [Fact]
    public void Alpha_patterns_and_root_scaling_make_the_scale()
    {
        var configuration = Written("""{"rank_pattern":{"v_proj":9},"alpha_pattern":{"^model.layers.1.self_attn.v_proj":6},"use_rslora":true}""");
        var modules = configuration.Modules(Config);

        Assert.Equal(8 / 3.0, modules.Single(x => x is { Layer: 0, Target: "v_proj" }).Scale);
        Assert.Equal(6 / 3.0, modules.Single(x => x is { Layer: 1, Target: "v_proj" }).Scale);
        Assert.Equal(8 / 2.0, modules.Single(x => x is { Layer: 1, Target: "k_proj" }).Scale);
    }

    [Theory]
    [InlineData("""{"layers_to_transform":[1]}""", 7, 1)]
    [InlineData("""{"layers_to_transform":0}""", 7, 0)]
    [InlineData("""{"target_modules":["layers.1.mlp.up_proj","model.layers.1.self_attn.q_proj"]}""", 2, 1)]
    [InlineData("""{"target_modules":"model\\.layers\\.0\\..*_proj"}""", 7, 0)]
    [InlineData("""{"target_modules":"all-linear","exclude_modules":"model\\.layers\\.0\\..*","layers_pattern":["layers"]}""", 7, 1)]
    [InlineData("""{"exclude_modules":["mlp.gate_proj","mlp.up_proj","mlp.down_proj"],"layers_to_transform":[1]}""", 4, 1)]
    public void Only_the_layers_that_are_named_are_adapted(string change, int count, int layer)
    {
        var modules = Written(change).Modules(Config);

        Assert.Equal(count, modules.Count);
        Assert.All(modules, x => Assert.Equal(layer, x.Layer));
    }

    [Theory]
    [InlineData("""{"rank_pattern":{"q_proj":2,"layers.1.mlp.up_proj":7},"alpha_pattern":{"o_proj":3,"layers.0.mlp.up_proj":1.5}}""")]
    [InlineData("""{"layers_to_transform":[1],"rank_pattern":{"q_proj":6},"use_rslora":true,"alpha_pattern":{"q_proj":5}}""")]
    [InlineData("""{"target_modules":["layers.1.mlp.up_proj","q_proj"]}""")]
    public async Task An_adapter_that_is_written_again_is_the_same(string change)
    {
        var configuration = Written(change);
        await TestEngine.RunAsync(() =>
        {
            var tensors = new Dictionary<string, torch.Tensor>();
            foreach (var (layer, target, rank, _) in configuration.Modules(Config))
            {
                var (rows, columns) = WeightShapes.Linear(Config, target);
                string prefix = $"base_model.model.{PeftConfiguration.ModuleName(layer, target)}";
                tensors[$"{prefix}.lora_A.weight"] = torch.full([rank, columns], rank + layer, torch.float32);
                tensors[$"{prefix}.lora_B.weight"] = torch.full([rows, rank], 0.5f, torch.float32);
            }

            SafetensorsWriter.Write(Path.Combine(_folder.Path, PeftAdapter.WeightsFile), tensors);
            using var first = PeftAdapter.Load(_folder.Path, Config);
            string copy = Path.Combine(_folder.Path, "copy");
            PeftAdapter.Save(first, copy, "base");
            using var second = PeftAdapter.Load(copy, Config);

            Assert.Equal(first.Linears.Select(x => (x.Layer, x.Target, x.Linear.A.size(0), x.Linear.Scale)), second.Linears.Select(x => (x.Layer, x.Target, x.Linear.A.size(0), x.Linear.Scale)));
            Assert.All(first.Parameters().Zip(second.Parameters()), x => Assert.Equal(x.First.Tensor.data<float>().ToArray(), x.Second.Tensor.data<float>().ToArray()));
        });
    }

    private static DecoderConfig Config { get; } = new()
    {
        VocabularySize = 32, HiddenSize = 16, IntermediateSize = 24, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, HeadSize = 8, ContextLength = 64, TiedEmbeddings = true,
    };

    private PeftConfiguration Written(string change)
    {
        var json = JsonNode.Parse("""{"peft_type":"LORA","r":4,"lora_alpha":8,"target_modules":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj"],"bias":"none"}""")!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
        {
            json[key] = value?.DeepClone();
        }

        string path = Path.Combine(_folder.Path, PeftAdapter.ConfigFile);
        File.WriteAllText(path, json.ToJsonString());
        return PeftConfiguration.Load(path);
    }
}
