using System.Security.Cryptography;

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
