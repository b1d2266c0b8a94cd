using RftConsole.Training.Supervised;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>Cuts the corpus into batches; batch number i is a pure function of the recipe.</summary>
public sealed class PretrainingBatches(StarterRecipe recipe, Tokenizer tokenizer)
{
    private readonly StarterCorpus _schooling = new((ulong)recipe.Seed, StyleMix.Schooling);
    private readonly StarterCorpus _web = new((ulong)recipe.Seed, StyleMix.Web);

    /// <summary>The batch of <paramref name="step"/> (from 0).</summary>
    public TrainingSequence[] At(int step)
    {
        var corpus = step < recipe.SchoolingSteps ? _schooling : _web;
        return [.. Enumerable.Range(0, recipe.BatchRows).Select(row => Encode(tokenizer, corpus.At(((long)step * recipe.BatchRows) + row)))];
    }

    /// <summary>The tokens of a document as the chat template renders it; the loss is taken on the answer and on the mark that ends it, and a little on what is judged.</summary>
    public static TrainingSequence Encode(Tokenizer tokenizer, StarterDocument document)
    {
        string prompt = string.Concat(document.Prompt.Select(x => $"<|im_start|>{x.Role}\n{x.Content}<|im_end|>\n")) + "<|im_start|>assistant\n";

        // What is judged stands on lines of its own, where no token reaches across.
        int judged = document.Judged is null ? -1 : prompt.LastIndexOf($"\n{document.Judged}\n</", StringComparison.Ordinal) + 1;
        (string Text, float Weight)[] parts = judged <= 0
            ? [(prompt, 0)]
            : [(prompt[..judged], 0), (document.Judged!, StarterDocument.JudgedWeight), (prompt[(judged + document.Judged!.Length)..], 0)];
        int[][] ids = [.. parts.Select(part => tokenizer.Encode(part.Text))];
        int[] answer = tokenizer.Encode(document.Response + "<|im_end|>");
        return new(
            [.. ids.SelectMany(part => part), .. answer],
            [.. ids.SelectMany((part, i) => Enumerable.Repeat(parts[i].Weight, part.Length)), .. Enumerable.Repeat(1f, answer.Length)]);
    }
}
