using System.CommandLine;

using RftConsole.Training.Compute;
using RftConsole.Training.Starter;

namespace RftConsole.Training.Cli;

/// <summary><c>pretrain --recipe starter --output DIR [--threads N]</c>: rebuilds the embedded base model.</summary>
internal static class PretrainCommand
{
    private const int MostThreads = 256;

    public static Command Create()
    {
        var recipe = new Option<string>("--recipe") { Description = "The recipe: starter", Required = true };
        var output = new Option<string>("--output") { Description = "Folder of the checkpoint and of the finished model", Required = true };
        var threads = new Option<int?>("--threads") { Description = "Threads to compute with, which changes nothing in the result; all cores without it" };
        var command = new Command("pretrain", "Rebuilds the embedded base model from its seed") { recipe, output, threads };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(recipe) != "starter")
            {
                throw new UserInputException($"--recipe: there is no recipe \"{parsed.GetValue(recipe)}\" (starter)");
            }

            if (parsed.GetValue(threads) is < 1 or > MostThreads)
            {
                throw new UserInputException($"--threads: {parsed.GetValue(threads)} is outside 1 to {MostThreads}");
            }

            await using var compute = new ComputeThread(parsed.GetValue(threads));
            string folder = Path.GetFullPath(parsed.GetValue(output)!);
            Directory.CreateDirectory(folder);
            string model = await new Pretraining(new StarterRecipe(), folder, compute).RunAsync(CommandOutput.Log, cancellationToken);
            CommandOutput.Json(new { output = model });
            return 0;
        });
        return command;
    }
}
