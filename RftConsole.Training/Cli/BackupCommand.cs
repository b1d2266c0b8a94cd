using System.CommandLine;
using System.Globalization;

using RftConsole.Training.Backup;

namespace RftConsole.Training.Cli;

/// <summary><c>backup</c> and <c>restore</c>: a console's whole data folder as one archive, and back.</summary>
internal static class BackupCommand
{
    public static Command CreateBackup()
    {
        var data = new Option<string>("--data") { Description = "The console's data folder", Required = true };
        var output = new Option<string>("--output") { Description = "The archive to write", Required = true };
        return Create("backup", "Writes the console's data folder to one archive, also while the console runs", data, output, (parsed, cancellationToken) =>
            new DataFolderBackup(parsed.GetValue(data)!, parsed.GetValue(output)!).Run(cancellationToken));
    }

    public static Command CreateRestore()
    {
        var data = new Option<string>("--data") { Description = "The folder to restore to; new or empty", Required = true };
        var input = new Option<string>("--input") { Description = "An archive that backup wrote", Required = true };
        return Create("restore", "Brings a backup back", data, input, (parsed, cancellationToken) =>
            new DataFolderRestore(parsed.GetValue(data)!, parsed.GetValue(input)!).Run(cancellationToken));
    }

    private static Command Create(string name, string description, Option<string> data, Option<string> archive, Func<ParseResult, CancellationToken, BackupResult> run)
    {
        var json = CommonOptions.Json();
        var command = new Command(name, description) { data, archive, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            BackupResult result = run(parsed, cancellationToken);
            if (parsed.GetValue(json))
            {
                CommandOutput.Json(new { files = result.Files, bytes = result.Bytes });
            }
            else
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {result.Files} files, {result.Bytes} bytes"));
            }

            return Task.FromResult(0);
        });
        return command;
    }
}
