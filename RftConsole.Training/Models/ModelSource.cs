using RftConsole.Training.Text;
using RftConsole.Training.Weights;

namespace RftConsole.Training.Models;

/// <summary>A base model as it was published, before its weights are loaded: a Hugging Face folder or a GGUF file.</summary>
public abstract class ModelSource : IDisposable
{
    /// <summary>The folder or file.</summary>
    public abstract string Path { get; }

    /// <summary>The decoder's shape.</summary>
    public abstract DecoderConfig Config { get; }

    /// <summary>Opens a registered name, a Hugging Face folder or a GGUF file.</summary>
    /// <exception cref="UserInputException">There is no such model, or its configuration cannot be used.</exception>
    public static ModelSource Open(string nameOrPath)
    {
        string path = BaseModels.PathOf(nameOrPath);
        return Directory.Exists(path) ? new FolderSource(path) : new GgufSource(path);
    }

    /// <summary>The licence that the model's own files name; null where they name none.</summary>
    public abstract string? Licence { get; }

    /// <exception cref="UserInputException">The tokenizer is damaged, or of a kind that is not supported.</exception>
    public abstract Tokenizer ReadTokenizer();

    /// <exception cref="UserInputException">There is no chat template, or it cannot be parsed.</exception>
    public abstract ChatTemplate ReadChatTemplate();

    /// <summary>The ids that end a completion; none where the model names none.</summary>
    /// <exception cref="UserInputException">The field has another type.</exception>
    public abstract IReadOnlySet<int> ReadEndTokens();

    /// <summary>The weights; they must be disposed of before this source is.</summary>
    /// <exception cref="WeightFormatException">The files are missing or not sound.</exception>
    public abstract IWeightSource OpenWeights();

    /// <summary>SHA-256 over everything that decides what the model computes, in lower-case hexadecimal digits.</summary>
    public abstract Task<string> HashAsync();

    /// <summary>Writes everything of a Hugging Face folder but the weights: configuration, tokenizer, chat template.</summary>
    /// <exception cref="UserInputException">Something of the model has no form in such a folder.</exception>
    public abstract void WriteCompanions(string folder);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
