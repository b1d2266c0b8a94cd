using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Makes a data set of invocation logs, the console's own or others, after a look at what becomes of them.</summary>
public sealed partial class LogImport : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly LogFilterForm _filters = new();
    private readonly HashSet<string> _deployments = [];
    private IReadOnlyList<DeploymentLog> _logs = [];
    private bool _own;
    private string _path = "";
    private StagedFile? _file;
    private bool _usePromptResponse;
    private bool _working;
    private string? _failure;
    private InvocationLogReport? _report;

    [Inject]
    public required IInvocationLogs Logs { get; init; }

    [Inject]
    public required IUploads Uploads { get; init; }

    /// <summary>A deployment whose calls are meant; null leaves the choice to the user.</summary>
    [Parameter]
    public string? Deployment { get; set; }

    /// <summary>Raised with the new data set.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Imported { get; set; }

    /// <summary>Raised with true when an upload begins, and with false when it ends.</summary>
    [Parameter]
    public EventCallback<bool> Uploading { get; set; }

    private LogSource? Source =>
        _own ? _deployments.Count > 0 ? LogSource.Of([.. _logs.Select(log => log.DeploymentId).Where(_deployments.Contains)]) : null
        : _file is { } file ? LogSource.At(file.File)
        : string.IsNullOrWhiteSpace(_path) ? null : LogSource.At(_path.Trim());

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
        Forget();
    }

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        _logs = await Logs.ListAsync(_ended.Token);
        DeploymentLog[] filled = [.. _logs.Where(log => log.Days.Count > 0)];
        _own = Deployment is not null || filled.Length > 0;
        _deployments.UnionWith(filled.Where(log => Deployment is null ? filled.Length == 1 : log.DeploymentId == Deployment).Select(log => log.DeploymentId));
    }

    private void ChoosePlace(bool own)
    {
        _own = own;
        Reset();
    }

    private void Take(StagedFile file)
    {
        Forget();
        _file = file;
    }

    private void Forget()
    {
        Reset();
        if (_file is not null)
        {
            Uploads.Delete(_file.Id);
            _file = null;
        }
    }

    private void Reset() => (_report, _failure) = (null, null);

    private Task PreviewAsync() => WorkAsync(async () => _report = await Logs.PreviewAsync(Source!, _filters.Options(_usePromptResponse), _ended.Token));

    private Task UseAsync() => WorkAsync(async () =>
    {
        UploadedDataSet added = await Logs.ImportAsync(Source!, _own ? null : _file?.Name, _filters.Options(_usePromptResponse), _ended.Token);
        Forget();
        await Imported.InvokeAsync(added);
    });

    private async Task WorkAsync(Func<Task> work)
    {
        (_working, _failure) = (true, null);
        try
        {
            await work();
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _working = false;
        }
    }
}
