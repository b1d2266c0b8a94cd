using RftConsole.Training.Datasets;
using RftConsole.Training.Models;

namespace RftConsole.Training.Jobs;

/// <summary>How long the prompts of a job may be, before there is one.</summary>
public static class PromptLimit
{
    /// <summary>Tokenizer, template and limit as a job of a model resolves them: what leaves no room for an answer is dropped.</summary>
    /// <param name="source">The base model.</param>
    /// <param name="maxPromptLength">In tokens; null takes a job's default.</param>
    /// <exception cref="UserInputException">The model has no usable tokenizer or chat template.</exception>
    public static TokenLimit Of(ModelSource source, int? maxPromptLength = null)
    {
        int limit = maxPromptLength ?? HyperparameterRules.Resolve(new Hyperparameters(), source.Config, rows: 1).MaxPromptLength!.Value;
        return new(source.ReadTokenizer(), source.ReadChatTemplate(), Math.Min(limit, source.Config.ContextLength - 1));
    }
}
