using System.CommandLine;

using RftConsole.Training.Compute;
using RftConsole.Training.Models;

namespace RftConsole.Training.Cli;

/// <summary><c>merge</c>: a base model and an adapter as one Hugging Face folder.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var adapter = new Option<string>("--adapter") { Description = "A PEFT adapter folder", Required = true };
        var output = new Option<string>("--output") { Description = "The folder to write", Required = true };
        var json = CommonOptions.Json();
        var command = new Command("merge", "Writes a merged Hugging Face folder") { model, adapter, output, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = Path.GetFullPath(parsed.GetValue(output)!);
            await using var compute = new ComputeThread();
            using var source = ModelSource.Open(parsed.GetValue(model)!);
            await compute.RunAsync(WorkPriority.Interactive, () => MergedModel.Write(source, parsed.GetValue(adapter)!, folder), cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.Json(new { output = folder });
            }
            else
            {
                Console.WriteLine($"the merged model is in {folder}");
            }

            return 0;
        });
        return command;
    }
}
