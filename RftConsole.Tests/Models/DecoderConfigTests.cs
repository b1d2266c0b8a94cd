using System.Text.Json.Nodes;

using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Models;

namespace RftConsole.Tests.Models;

/// <summary>A config.json that cannot be computed is refused with the field's name.</summary>
public sealed class DecoderConfigTests : IDisposable
{
    private const string Sound = """
        {"model_type":"llama","vocab_size":100,"hidden_size":32,"intermediate_size":64,"num_hidden_layers":2,"num_attention_heads":4,
         "num_key_value_heads":2,"max_position_embeddings":128,"rms_norm_eps":1e-5,"rope_theta":50000,"tie_word_embeddings":true}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_fields_of_a_sound_file_are_read()
    {
        var config = Load(JsonNode.Parse(Sound)!.AsObject());

        Assert.Equal((100, 32, 64, 2, 4, 2, 8, 128), (config.VocabularySize, config.HiddenSize, config.IntermediateSize, config.LayerCount, config.HeadCount, config.KeyValueHeadCount, config.HeadSize, config.ContextLength));
        Assert.Equal((1e-5, 50000.0, true, false, false), (config.NormEpsilon, config.RotaryBase, config.TiedEmbeddings, config.QueryKeyValueBias, config.QueryKeyNorm));

        // Per layer: q and o 32·32 each, k and v 32·16 each, the three of the MLP 32·64; then the output layer.
        Assert.Equal((2 * ((2 * 1024) + (2 * 512) + (3 * 2048))) + 3200, config.MatrixWeightCount);
        Assert.Equal(config.MatrixWeightCount, config.ParameterCount);
    }

    [Theory]
    [InlineData("model_type", "\"mistral\"", "model_type \"mistral\" is not supported")]
    [InlineData("model_type", null, "model_type")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act \"gelu\"")]
    [InlineData("vocab_size", null, "vocab_size is missing")]
    [InlineData("hidden_size", "\"wide\"", "hidden_size is missing")]
    [InlineData("num_attention_heads", "0", "num_attention_heads is 0")]
    [InlineData("num_hidden_layers", "-2", "num_hidden_layers is -2")]
    [InlineData("max_position_embeddings", "1000000000", "max_position_embeddings is 1000000000")]
    [InlineData("max_position_embeddings", "90000000", "max_position_embeddings")]
    [InlineData("intermediate_size", "1.5", "config.json")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("head_dim", "7", "head_dim")]
    [InlineData("rope_scaling", """{"rope_type":"yarn","factor":4}""", "rope_type \"yarn\"")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8}""", "low_freq_factor is missing")]
    [InlineData("mlp_bias", "true", "mlp_bias")]
    [InlineData("attention_bias", "true", "attention_bias")]
    public void A_field_that_cannot_be_used_is_named(string field, string? value, string message)
    {
        var json = JsonNode.Parse(Sound)!.AsObject();
        if (value is null)
        {
            json.Remove(field);
        }
        else
        {
            json[field] = JsonNode.Parse(value);
        }

        var error = Assert.ThrowsAny<UserInputException>(() => Load(json));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model_type\":")]
    [InlineData("null")]
    public void What_is_not_an_object_is_refused(string content)
    {
        _folder.Write("config.json", content);

        Assert.Contains("config.json", Assert.ThrowsAny<UserInputException>(() => DecoderConfig.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_the_file_is_no_model_folder() =>
        Assert.Contains("config.json is missing", Assert.ThrowsAny<UserInputException>(() => DecoderConfig.Load(_folder.Path)).Message, StringComparison.Ordinal);

    private DecoderConfig Load(JsonObject json)
    {
        _folder.Write("config.json", json.ToJsonString());
        return DecoderConfig.Load(_folder.Path);
    }
}
