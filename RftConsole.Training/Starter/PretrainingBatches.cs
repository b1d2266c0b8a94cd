using RftConsole.Training.Compute;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>A batch of documents, padded on the right with zeros.</summary>
/// <param name="Rows">Documents.</param>
/// <param name="Columns">Tokens of the longest one, less its last.</param>
/// <param name="Ids">Token ids <c>[rows × columns]</c>.</param>
/// <param name="Predictors">Flat positions whose next token belongs to an answer.</param>
/// <param name="Targets">Those next tokens.</param>
public sealed record PretrainingBatch(int Rows, int Columns, long[] Ids, long[] Predictors, long[] Targets);

/// <summary>Cuts the corpus into batches; batch number i is a pure function of the recipe.</summary>
public sealed class PretrainingBatches(StarterRecipe recipe, Tokenizer tokenizer)
{
    private readonly StarterCorpus _schooling = new((ulong)recipe.Seed, StyleMix.Schooling);
    private readonly StarterCorpus _web = new((ulong)recipe.Seed, StyleMix.Web);
    private long _pool = -1;
    private PretrainingBatch[] _batches = [];

    /// <summary>The batch of <paramref name="step"/> (from 0).</summary>
    public PretrainingBatch At(int step)
    {
        long pool = step / recipe.BatchesPerPool;
        if (pool != _pool)
        {
            _batches = Pool(pool);
            _pool = pool;
        }

        return _batches[step % recipe.BatchesPerPool];
    }

    /// <summary>The text of a document as the chat template renders it, and the position where the answer begins, both in tokens.</summary>
    public static (int[] Ids, int AnswerStart) Encode(Tokenizer tokenizer, StarterDocument document)
    {
        string prompt = string.Concat(document.Prompt.Select(x => $"<|im_start|>{x.Role}\n{x.Content}<|im_end|>\n")) + "<|im_start|>assistant\n";
        int[] start = tokenizer.Encode(prompt);
        return ([.. start, .. tokenizer.Encode(document.Response + "<|im_end|>")], start.Length);
    }

    private PretrainingBatch[] Pool(long pool)
    {
        int size = recipe.BatchRows * recipe.BatchesPerPool;
        var corpus = pool * recipe.BatchesPerPool < recipe.SchoolingSteps ? _schooling : _web;
        var documents = Enumerable.Range(0, size).Select(i => Encode(tokenizer, corpus.At((pool * size) + i))).OrderBy(x => x.Ids.Length).ToArray();
        return
        [
            .. documents.Chunk(recipe.BatchRows)
                .Select((rows, i) => (Batch: Batch(rows), Key: CounterRandom.Bits((ulong)recipe.Seed, RandomStream.Pretraining, (ulong)pool, (ulong)i)))
                .OrderBy(x => x.Key)
                .Select(x => x.Batch),
        ];
    }

    private static PretrainingBatch Batch((int[] Ids, int AnswerStart)[] rows)
    {
        int columns = rows.Max(x => x.Ids.Length) - 1;
        long[] ids = new long[rows.Length * columns];
        var predictors = new List<long>();
        var targets = new List<long>();
        for (int row = 0; row < rows.Length; row++)
        {
            var (tokens, answer) = rows[row];
            for (int i = 0; i < tokens.Length - 1; i++)
            {
                ids[(row * columns) + i] = tokens[i];
                if (i + 1 >= answer)
                {
                    predictors.Add((row * columns) + i);
                    targets.Add(tokens[i + 1]);
                }
            }
        }

        return new(rows.Length, columns, ids, [.. predictors], [.. targets]);
    }
}
