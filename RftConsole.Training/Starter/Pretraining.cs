using System.Diagnostics;

using RftConsole.Training.Compute;
using RftConsole.Training.Optimisation;
using RftConsole.Training.Supervised;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>
/// Trains the starter model from scratch: loss on the answers only. A run that is started again on the same folder goes on
/// from its last checkpoint, and ends with the weights of an uninterrupted run.
/// </summary>
public sealed class Pretraining(StarterRecipe recipe, string folder, ComputeThread compute)
{
    /// <summary>Steps between two lines of progress.</summary>
    private const int ProgressInterval = 100;

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
        int steps = 0;
        long start = Stopwatch.GetTimestamp();
        var next = Task.Run(() => documents.At(state.Step), cancellationToken);
        while (state.Step < recipe.TotalSteps)
        {
            // The next batch is put together while this one is computed.
            var batch = await next;
            int step = state.Step + 1;
            next = Task.Run(() => documents.At(step), cancellationToken);
            loss += await UpdateAsync(state.Trainer, batch, cancellationToken);
            tokens += batch.Sum(x => x.Ids.LongLength);
            steps++;
            if (state.Step % ProgressInterval == 0)
            {
                progress(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"step {state.Step}/{recipe.TotalSteps}  loss {loss / steps:0.0000}  {tokens / Stopwatch.GetElapsedTime(start).TotalSeconds:0} tokens/s"));
                (loss, tokens, steps, start) = (0, 0, 0, Stopwatch.GetTimestamp());
            }

            if (state.Step % recipe.CheckpointInterval == 0)
            {
                await compute.RunAsync(WorkPriority.Training, () => state.WriteCheckpoint(folder), cancellationToken);
            }
        }
    }

    /// <summary>One update in slices; returns the batch's loss.</summary>
    private async Task<double> UpdateAsync(SupervisedTrainer trainer, TrainingSequence[] batch, CancellationToken cancellationToken)
    {
        double loss = 0, weight = SupervisedTrainer.TotalWeight(batch);
        foreach (var part in SupervisedTrainer.Parts(batch))
        {
            loss += await compute.RunAsync(WorkPriority.Training, () => trainer.Accumulate(part, weight), cancellationToken);
        }

        double rate = LearningRate.At(LearningRateSchedule.Cosine, recipe.PeakLearningRate, trainer.StepCount + 1, recipe.TotalSteps, recipe.WarmupSteps);
        await compute.RunAsync(WorkPriority.Training, () => trainer.Update(rate, recipe.MaxGradNorm), cancellationToken);
        return loss;
    }
}
