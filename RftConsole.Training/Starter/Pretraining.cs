using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Text;

using static TorchSharp.torch;

namespace RftConsole.Training.Starter;

/// <summary>
/// Trains the starter model from scratch: one document a row, loss on the answers only. A run that is started again on the same folder goes on
/// from its last checkpoint, and ends with the weights of an uninterrupted run.
/// </summary>
public sealed class Pretraining(StarterRecipe recipe, string folder, ComputeThread compute)
{
    /// <summary>Runs to the end and writes the model folder <c>model</c> into the output folder.</summary>
    /// <param name="progress">Gets a line every hundred steps.</param>
    /// <param name="cancellationToken">Ends the run; the last checkpoint stays.</param>
    public async Task<string> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        string model = Path.Combine(folder, "model");
        Directory.CreateDirectory(model);
        if (!File.Exists(Path.Combine(model, "tokenizer.json")))
        {
            progress($"learning a vocabulary of {recipe.Shape.VocabularySize} tokens");
            StarterTokenizer.Write(StarterTokenizer.Train(new StarterCorpus((ulong)recipe.Seed), recipe.Shape.VocabularySize), model, recipe.Shape.ContextLength);
        }

        var documents = new PretrainingBatches(recipe, Tokenizer.Load(model));
        var state = await compute.RunAsync(WorkPriority.Training, () => PretrainingState.CreateOrResume(recipe, folder), cancellationToken);
        try
        {
            progress($"{recipe.Shape.ParameterCount:N0} parameters, from step {state.Step} of {recipe.TotalSteps}");
            await TrainAsync(state, documents, progress, cancellationToken);
            await compute.RunAsync(WorkPriority.Training, () => state.WriteModel(model), cancellationToken);
            return model;
        }
        finally
        {
            await compute.RunAsync(WorkPriority.Training, state.Dispose, CancellationToken.None);
        }
    }

    private async Task TrainAsync(PretrainingState state, PretrainingBatches documents, Action<string> progress, CancellationToken cancellationToken)
    {
        double loss = 0;
        long tokens = 0;
        long start = Stopwatch.GetTimestamp();
        while (state.Step < recipe.TotalSteps)
        {
            var batch = documents.At(state.Step);
            loss += await compute.RunAsync(WorkPriority.Training, () => Update(state, batch), cancellationToken);
            tokens += batch.Ids.LongLength;
            if (state.Step % 100 == 0)
            {
                progress(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"step {state.Step}/{recipe.TotalSteps}  loss {loss / 100:0.0000}  {tokens / Stopwatch.GetElapsedTime(start).TotalSeconds:0} tokens/s"));
                (loss, tokens, start) = (0, 0, Stopwatch.GetTimestamp());
            }

            if (state.Step % recipe.CheckpointInterval == 0)
            {
                await compute.RunAsync(WorkPriority.Training, () => state.WriteCheckpoint(folder), cancellationToken);
            }
        }
    }

    private double Update(PretrainingState state, PretrainingBatch batch)
    {
        var ids = tensor(batch.Ids, [batch.Rows, batch.Columns]);
        var hidden = state.Decoder.Forward(ids, arange(batch.Columns).unsqueeze(0), null);
        var answers = hidden.view(-1, recipe.Shape.HiddenSize).index_select(0, tensor(batch.Predictors));
        var loss = nn.functional.cross_entropy(state.Decoder.Logits(answers), tensor(batch.Targets));
        loss.backward();
        state.Optimizer.ClipGradients(recipe.MaxGradNorm);
        state.Step++;
        state.Optimizer.Step(LearningRate.At(LearningRateSchedule.Cosine, recipe.PeakLearningRate, state.Step, recipe.TotalSteps, recipe.WarmupSteps));
        return loss.item<float>();
    }
}
