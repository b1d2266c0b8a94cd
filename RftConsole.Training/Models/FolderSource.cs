using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>A Hugging Face model folder.</summary>
internal sealed class FolderSource(string folder) : ModelSource
{
    private static readonly string[] s_weightFiles = [".safetensors", ".bin", ".gguf", ".pt", ".pth", ".onnx", ".h5", ".msgpack"];

    public override string Path => folder;

    public override DecoderConfig Config { get; } = DecoderConfig.Load(folder);

    /// <summary>From the model card: <c>license</c> in the front matter of README.md.</summary>
    public override string? Licence
    {
        get
        {
            string card = System.IO.Path.Combine(folder, "README.md");
            const string key = "license:";
            return !File.Exists(card) ? null : File.ReadLines(card).Take(200)
                .Where(line => line.StartsWith(key, StringComparison.Ordinal))
                .Select(line => line[key.Length..].Trim())
                .FirstOrDefault(value => value.Length is > 0 and < 100);
        }
    }

    public override Tokenizer ReadTokenizer() => Tokenizer.Load(folder);

    public override ChatTemplate ReadChatTemplate() => ChatTemplate.Load(folder);

    public override IWeightSource OpenWeights() => new ModelWeights(folder);

    /// <summary><c>eos_token_id</c> (a number or a list) of <c>generation_config.json</c>, else of <c>config.json</c>.</summary>
    /// <exception cref="UserInputException">A file is not JSON, or the field is of another type.</exception>
    public override IReadOnlySet<int> ReadEndTokens()
    {
        foreach (string name in (string[])["generation_config.json", "config.json"])
        {
            string file = System.IO.Path.Combine(Path, name);
            if (!File.Exists(file))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(file));
                if (document.RootElement.TryGetProperty("eos_token_id", out var element) && element.ValueKind != JsonValueKind.Null)
                {
                    return element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().Select(x => x.GetInt32()).ToHashSet() : new HashSet<int> { element.GetInt32() };
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                throw new UserInputException($"{file}: eos_token_id is not a number or a list of numbers", e);
            }
        }

        return new HashSet<int>();
    }

    public override void WriteCompanions(string output)
    {
        foreach (string file in Directory.EnumerateFiles(folder).Where(x => !s_weightFiles.Contains(System.IO.Path.GetExtension(x)) && !x.EndsWith(".index.json", StringComparison.Ordinal)))
        {
            string copy = System.IO.Path.Combine(output, System.IO.Path.GetFileName(file));
            File.Copy(file, copy);
            if (!OperatingSystem.IsWindows())
            {
                // The source may be read-only; its copy is the user's to change.
                File.SetUnixFileMode(copy, File.GetUnixFileMode(copy) | UnixFileMode.UserWrite);
            }
        }
    }

    public override async Task<string> HashAsync()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(folder).Where(x => System.IO.Path.GetExtension(x) is ".json" or ".safetensors" or ".jinja").Order(StringComparer.Ordinal))
        {
            await using var stream = File.OpenRead(file);
            all.AppendData(Encoding.UTF8.GetBytes(System.IO.Path.GetFileName(file)));
            all.AppendData(await SHA256.HashDataAsync(stream));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
