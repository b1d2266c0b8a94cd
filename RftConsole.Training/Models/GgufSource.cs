using System.Security.Cryptography;
using System.Text.Json;

using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>A GGUF file, which carries configuration, tokenizer and chat template in its metadata.</summary>
internal sealed class GgufSource : ModelSource
{
    private readonly GgufFile _file;

    /// <exception cref="WeightFormatException">The file is not sound, or of another architecture.</exception>
    public GgufSource(string path)
    {
        _file = GgufFile.Open(path);
        try
        {
            Config = GgufConfig.Read(_file);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public override string Path => _file.Path;

    public override DecoderConfig Config { get; }

    public override string? Licence => _file.Metadata.Text("general.license");

    public override Tokenizer ReadTokenizer() => Tokenizer.Parse(GgufTokenizer.ToJson(_file.Metadata, Path), Path);

    public override ChatTemplate ReadChatTemplate()
    {
        const string key = "tokenizer.chat_template";
        string source = _file.Metadata.Text(key)
            ?? throw new WeightFormatException(Path, key, "the file has no chat template; choose an instruction-tuned model");
        return ChatTemplate.Parse(source, $"{Path}, {key}", GgufTokenizer.SpecialTokens(_file.Metadata, Path));
    }

    public override IReadOnlySet<int> ReadEndTokens() => GgufTokenizer.EndTokens(_file.Metadata, Path);

    public override IWeightSource OpenWeights() => new GgufWeights(_file, Config);

    public override void WriteCompanions(string folder)
    {
        var special = GgufTokenizer.SpecialTokens(_file.Metadata, Path);
        var ends = ReadEndTokens();
        int? beginning = (int?)_file.Metadata.Integer("tokenizer.ggml.bos_token_id");
        Write("config.json", PublishedConfig.ToJson(Config, beginning, ends, Path));
        Write("generation_config.json", JsonSerializer.Serialize(new { bos_token_id = beginning, eos_token_id = ends.Order() }) + "\n");
        Write("tokenizer_config.json", JsonSerializer.Serialize(special.ToDictionary(x => x.Key, x => (object)x.Value).Concat(
            [new("clean_up_tokenization_spaces", false), new("model_max_length", Config.ContextLength), new("tokenizer_class", "PreTrainedTokenizerFast")]).ToDictionary()) + "\n");
        File.WriteAllBytes(System.IO.Path.Combine(folder, "tokenizer.json"), GgufTokenizer.ToJson(_file.Metadata, Path));
        Write("chat_template.jinja", ReadChatTemplate().Source);

        void Write(string name, string content) => File.WriteAllText(System.IO.Path.Combine(folder, name), content);
    }

    public override async Task<string> HashAsync()
    {
        await using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }

    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }
}
