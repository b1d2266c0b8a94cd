using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.S3;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Wizard;

/// <summary>Chooses training records in a bucket, and makes a data set of them.</summary>
public sealed partial class S3Picker : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private string _address = "";
    private S3Address? _place;
    private IReadOnlyList<Entry>? _entries;
    private IReadOnlyList<RejectedLine> _rejected = [];
    private IReadOnlyList<UnfinishedImport> _unfinished = [];
    private CancellationTokenSource? _import;
    private bool _more;
    private bool _working;
    private string _state = "";
    private string? _failure;

    [Inject]
    public required IS3Data S3 { get; init; }

    /// <summary>Raised with the new data set.</summary>
    [Parameter]
    public EventCallback<UploadedDataSet> Imported { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <inheritdoc />
    protected override void OnInitialized() => _unfinished = S3.Unfinished();

    private Task ResumeAsync(UnfinishedImport import)
    {
        _address = import.Address;
        return ImportAsync();
    }

    private void Discard(UnfinishedImport import)
    {
        S3.Discard(import.Id);
        _unfinished = S3.Unfinished();
    }

    private void Cancel() => _import?.Cancel();

    /// <summary>The folder of the address above, or all buckets where there is none.</summary>
    private Task BrowseAsync() => WorkAsync(L["Looking…"], () => string.IsNullOrWhiteSpace(_address) ? ShowAsync(null) : ShowAsync(FolderOf(S3Address.Parse(_address.Trim(), "S3 address"))));

    private Task OpenAsync(Entry entry) => WorkAsync(L["Looking…"], async () =>
    {
        _address = entry.Address.ToString();
        if (entry.Bytes is null)
        {
            await ShowAsync(entry.Address);
        }
    });

    private Task UpAsync() => WorkAsync(L["Looking…"], () =>
    {
        S3Address? up = _place!.Key.Length == 0 ? null : _place with { Key = _place.Key[..(_place.Key.TrimEnd('/').LastIndexOf('/') + 1)] };
        _address = up?.ToString() ?? "";
        return ShowAsync(up);
    });

    private async Task ShowAsync(S3Address? place)
    {
        if (place is null)
        {
            _entries = [.. (await S3.BucketsAsync(_ended.Token)).Select(bucket => new Entry(bucket + "/", new(bucket, ""), null))];
            _more = false;
        }
        else
        {
            S3Listing listing = await S3.ListAsync(place, _ended.Token);
            _entries =
            [
                .. listing.Folders.Select(folder => new Entry(folder[place.Key.Length..], place with { Key = folder }, null)),
                .. listing.Objects.Select(found => new Entry(found.Key[place.Key.Length..], place with { Key = found.Key }, found.Bytes)),
            ];
            _more = listing.More;
        }

        _place = place;
    }

    private Task ImportAsync() => WorkAsync(L["Downloading…"], async () =>
    {
        S3Address address = S3Address.Parse(_address.Trim(), "S3 address");
        using CancellationTokenSource import = _import = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        await Imported.InvokeAsync(await S3.ImportAsync(address, Tell, import.Token));
    });

    private void Tell(long bytes, long total)
    {
        string state = bytes < total ? L["{0} of {1}", Display.Bytes(bytes), Display.Bytes(total)] : L["Checking each line…"];
        if (state != _state && !_ended.IsCancellationRequested)
        {
            _state = state;
            _ = InvokeAsync(StateHasChanged);
        }
    }

    private async Task WorkAsync(string state, Func<Task> work)
    {
        (_working, _state, _failure, _rejected) = (true, state, null, []);
        try
        {
            await work();
        }
        catch (DataSetRefusedException refused)
        {
            (_failure, _rejected) = (refused.Message, [.. refused.Rejected.Take(20)]);
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested || _import is not null)
        {
            // The user ended it, or the page has gone; what came stays for the next time.
        }
        finally
        {
            (_working, _import) = (false, null);
            _unfinished = S3.Unfinished();
        }
    }

    private static S3Address FolderOf(S3Address address) => address.IsPrefix ? address : address with { Key = address.Key[..(address.Key.LastIndexOf('/') + 1)] };

    /// <summary>A bucket, a folder, or an object, which has a size.</summary>
    private sealed record Entry(string Name, S3Address Address, long? Bytes);
}
