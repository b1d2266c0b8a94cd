using RftConsole.Training.Models;
using RftConsole.Training.Starter;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Starter;

/// <summary>A run of a small recipe from its start to the model folder.</summary>
public sealed class PretrainingTests : IDisposable
{
    private static readonly StarterRecipe s_recipe = new()
    {
        BatchRows = 4,
        TotalSteps = 5,
        SchoolingSteps = 3,
        WarmupSteps = 2,
        CheckpointInterval = 2,
        Shape = new()
        {
            VocabularySize = 900,
            HiddenSize = 16,
            IntermediateSize = 24,
            LayerCount = 1,
            HeadCount = 2,
            KeyValueHeadCount = 2,
            HeadSize = 8,
            ContextLength = 512,
            TiedEmbeddings = true,
        },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_was_stopped_and_started_again_ends_with_the_bits_of_one_that_was_not()
    {
        string whole = await RunAsync("whole", s_recipe);
        byte[] weights = File.ReadAllBytes(Path.Combine(whole, "model.safetensors"));

        // Stopped after the checkpoint of the fourth step: a step that was made and not kept is made again.
        string folder = Path.Combine(_folder, "stopped");
        Directory.CreateDirectory(Path.Combine(folder, "model"));
        File.Copy(Path.Combine(whole, "tokenizer.json"), Path.Combine(folder, "model", "tokenizer.json"));
        File.Copy(Path.Combine(_folder, "whole", "checkpoint.safetensors"), Path.Combine(folder, "checkpoint.safetensors"));
        var lines = new List<string>();
        string resumed = await new Pretraining(s_recipe, folder, TestEngine.Compute).RunAsync(lines.Add, TestContext.Current.CancellationToken);

        Assert.Contains(lines, x => x.Contains("from step 4 of 5", StringComparison.Ordinal));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(resumed, "model.safetensors")));
    }

    [Fact]
    public async Task The_finished_folder_is_a_model_that_loads()
    {
        string folder = await RunAsync("model", s_recipe);
        var model = await TestEngine.Models.LoadAsync(folder);

        Assert.Equal(s_recipe.Shape.ParameterCount, model.Decoder.Config.ParameterCount);
        Assert.Equal("BF16", await TestEngine.RunAsync(() =>
        {
            using var source = ModelSource.Open(folder);
            using var weights = source.OpenWeights();
            return weights.StoredType;
        }));
    }

    [Fact]
    public async Task A_batch_is_the_same_whatever_was_asked_for_before()
    {
        var tokenizer = Tokenizer.Load(await RunAsync("tokens", s_recipe with { TotalSteps = 0 }));
        var batches = new PretrainingBatches(s_recipe, tokenizer);
        var fourth = batches.At(3);
        batches.At(0);

        Assert.Equal(fourth.Select(x => x.Ids), new PretrainingBatches(s_recipe, tokenizer).At(3).Select(x => x.Ids));
        Assert.NotEqual(fourth.Select(x => x.Ids), batches.At(4).Select(x => x.Ids));
        Assert.All(fourth, x => Assert.Equal(x.Ids.Length, x.Weights.Length));
    }

    private async Task<string> RunAsync(string name, StarterRecipe recipe)
    {
        string folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        return await new Pretraining(recipe, folder, TestEngine.Compute).RunAsync(_ => { }, TestContext.Current.CancellationToken);
    }
}
