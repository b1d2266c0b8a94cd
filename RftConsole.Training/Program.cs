using System.CommandLine;

using RftConsole.Training;
using RftConsole.Training.Cli;
using RftConsole.Training.Rewards;

var root = new RootCommand("RftConsole's engine: reinforcement fine-tuning without the console")
{
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    GenerateCommand.Create(),
    LogProbsCommand.Create(),
    TokenizeCommand.Create(),
    ChatTemplateCommand.Create(),
    ValidateCommand.Create(),
    ConvertLogsCommand.Create(),
    RewardCommand.Create(),
    BenchCommand.Create(),
    GalleryCommand.Create(),
    PretrainCommand.Create(),
    MergeCommand.Create(),
    BackupCommand.CreateBackup(),
    BackupCommand.CreateRestore(),
};
try
{
    var parsed = root.Parse(args);
    if (parsed.Errors.Count > 0)
    {
        Console.Error.WriteLine(string.Join(" ", parsed.Errors.Select(x => x.Message)));
        return 2;
    }

    var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
    if (parsed.CommandResult.Command.Name == TrainCommand.Name)
    {
        // A step takes longer than the two seconds after which the process would be ended.
        invocation.ProcessTerminationTimeout = null;
    }

    return await parsed.InvokeAsync(invocation);
}
catch (UserInputException e)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
    return 2;
}
catch (Exception e) when (e is RewardInfrastructureException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("cancelled");
    return 1;
}
