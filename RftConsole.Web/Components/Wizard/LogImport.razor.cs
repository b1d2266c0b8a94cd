using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Datasets.InvocationLogs;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Makes a data set of invocation logs: a folder of this machine or an uploaded file, after a look at what becomes of them.</summary>
public sealed partial class LogImport : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly List<LogCondition> _conditions = [];
    private string _path = "";
    private StagedFile? _file;
    private bool _usePromptResponse;
    private bool _any;
    private bool _working;
    private string? _failure;
    private InvocationLogReport? _report;

    [Inject]
    public required IInvocationLogs Logs { get; init; }

    [Inject]
    public required IUploads Uploads { get; init; }

    /// <summary>Raised with the new data set.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Imported { get; set; }

    /// <summary>Raised with true when an upload begins, and with false when it ends.</summary>
    [Parameter]
    public EventCallback<bool> Uploading { get; set; }

    private string? Source => _file?.File ?? (string.IsNullOrWhiteSpace(_path) ? null : _path.Trim());

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
        Forget();
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

    private void Remove(LogCondition condition)
    {
        _conditions.Remove(condition);
        Reset();
    }

    private Task PreviewAsync() => WorkAsync(async () => _report = await Logs.PreviewAsync(Source!, Options(), _ended.Token));

    private Task UseAsync() => WorkAsync(async () =>
    {
        UploadedDataSet added = await Logs.ImportAsync(Source!, _file?.Name, Options(), _ended.Token);
        Forget();
        await Imported.InvokeAsync(added);
    });

    private InvocationLogOptions Options()
    {
        MetadataFilter[] filters = [.. _conditions.Where(condition => condition.Key.Trim().Length > 0).Select(condition => condition.ToFilter())];
        return new(_usePromptResponse, filters switch { [] => null, [var one] => one, _ => _any ? new() { OrAll = filters } : new() { AndAll = filters } });
    }

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

/// <summary>A filter while it is written.</summary>
public sealed class LogCondition
{
    public string Key { get; set; } = "";

    /// <summary>The value must be another.</summary>
    public bool Not { get; set; }

    public string Value { get; set; } = "";

    public MetadataFilter ToFilter()
    {
        Dictionary<string, string> pair = new() { [Key.Trim()] = Value };
        return Not ? new() { NotEqualTo = pair } : new() { EqualTo = pair };
    }
}
