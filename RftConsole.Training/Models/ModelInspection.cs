namespace RftConsole.Training.Models;

/// <summary>What a model's own files say about it.</summary>
/// <param name="Config">Its shape.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Licence">The licence that they name; null for none.</param>
public sealed record ModelDescription(DecoderConfig Config, long Bytes, string? Licence);

/// <summary>Proves that a model can be used, from configuration, tokenizer, chat template and the headers of its weights; no weight is read.</summary>
public static class ModelInspection
{
    /// <param name="path">A Hugging Face folder or a GGUF file.</param>
    /// <exception cref="UserInputException">It cannot be used; one line that names the file and what is wrong with it.</exception>
    public static ModelDescription Inspect(string path)
    {
        try
        {
            using var source = ModelSource.Open(path);
            var config = source.Config;
            using (var weights = source.OpenWeights())
            {
                WeightShapes.CheckNames(weights, config);
                foreach (var (name, shape) in WeightShapes.Of(config))
                {
                    weights.Require(name, shape);
                }
            }

            int vocabulary = source.ReadTokenizer().VocabularySize;
            if (vocabulary > config.VocabularySize)
            {
                throw new UserInputException($"{path}: the tokenizer has {vocabulary} tokens and the model {config.VocabularySize}: it is another model's tokenizer");
            }

            if (source.ReadEndTokens().FirstOrDefault(id => id < 0 || id >= config.VocabularySize, -1) is var end and not -1)
            {
                throw new UserInputException($"{path}: eos_token_id {end} is none of the model's {config.VocabularySize} tokens");
            }

            source.ReadChatTemplate();
            return new(config, Size(path), source.Licence);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be read: {problem.Message.ReplaceLineEndings(" ")}", problem);
        }
    }

    private static long Size(string path) => File.Exists(path) ? new FileInfo(path).Length : new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length);
}
