using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Tests.Components.Fakes;

/// <summary>Conversions that were asked for.</summary>
public sealed class FakeInvocationLogs(FakeDataSets dataSets) : IInvocationLogs
{
    public List<(LogSource Source, InvocationLogOptions Options)> Asked { get; } = [];

    public List<DeploymentLog> Own { get; } = [];

    public InvocationLogReport Report { get; set; } = new(
        2, 1, [new("a.json", 3, "the call failed: errorCode ThrottlingException")], [new("a.json", 1, """{"requestId":"r1"}""", """{"messages":[]}""")]);

    public Task<IReadOnlyList<DeploymentLog>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<DeploymentLog>>(Own);

    public Task<InvocationLogReport> PreviewAsync(LogSource source, InvocationLogOptions options, CancellationToken cancellationToken = default)
    {
        Asked.Add((source, options));
        return Task.FromResult(Report);
    }

    public Task<UploadedDataSet> ImportAsync(LogSource source, string? name, InvocationLogOptions options, CancellationToken cancellationToken = default) =>
        Task.FromResult(dataSets.Add("up-logs", name ?? "logs.jsonl"));
}
