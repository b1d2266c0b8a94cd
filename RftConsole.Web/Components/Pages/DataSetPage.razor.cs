using Microsoft.AspNetCore.Components;

using RftConsole.Training;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.DataSets;
using RftConsole.Web.DataSets;

namespace RftConsole.Web.Components.Pages;

/// <summary>One data set: its records, what its check found, its versions.</summary>
public sealed partial class DataSetPage
{
    private static readonly string[] s_tabs = ["records", "report", "versions", "tools"];

    private IReadOnlyList<DataSetVersion> _versions = [];
    private IReadOnlyList<DataSetUser> _users = [];
    private UploadedDataSet? _shown;
    private bool _missing;
    private string? _failure;
    private (int Made, int Before, string Text)? _undo;

    [Inject]
    public required IDataSets DataSets { get; init; }

    [Inject]
    public required IDataSetVersions Versions { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [SupplyParameterFromQuery(Name = "version")]
    public int? Version { get; set; }

    [SupplyParameterFromQuery(Name = "tab")]
    public string? Tab { get; set; }

    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "rejected")]
    public bool Rejected { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public int? PageNumber { get; set; }

    /// <inheritdoc />
    protected override object? Scope => (Id, Version);

    private int ActiveTab => Math.Max(0, Array.IndexOf(s_tabs, Tab));

    private bool IsCurrent => _versions.Any(version => version.IsCurrent && version.DataSet.Version == _shown?.Version);

    /// <inheritdoc />
    protected override IEnumerable<IDisposable> Subscribe(Func<Task> changed) => [DataSets.Subscribe(changed)];

    /// <inheritdoc />
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _versions = await Versions.ListAsync(Id, cancellationToken);
        _users = await Versions.UsersAsync(Id, cancellationToken);
        _shown = (Version is { } wanted ? _versions.FirstOrDefault(version => version.DataSet.Version == wanted) : _versions.FirstOrDefault(version => version.IsCurrent))?.DataSet;
        _missing = _shown is null;
    }

    private static string Subtitle(UploadedDataSet shown) =>
        L["Version {0} · {1} rows", shown.Version, Display.Count(shown.Rows)] + (shown.RejectedRows > 0 ? L[", {0} rejected lines", Display.Count(shown.RejectedRows)] : "") + $" · {Display.Bytes(shown.Bytes)} · SHA-256 {shown.Sha256[..12]}…";

    private void OpenTab(int index)
    {
        // The tabs say -1 when their last panel goes with the page.
        if (index >= 0 && index != ActiveTab)
        {
            Go(("tab", index == 0 ? null : s_tabs[index]), ("search", null), ("rejected", null), ("page", null));
        }
    }

    private void OpenVersion(int? version) => Go(("version", version), ("tab", null), ("search", null), ("rejected", null), ("page", null));

    private void Show(RecordView view) =>
        Go(("search", string.IsNullOrWhiteSpace(view.Search) ? null : view.Search), ("rejected", view.Rejected ? true : null), ("page", view.Page == 1 ? null : view.Page));

    private void Go(params (string Name, object? Value)[] parameters) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value)), replace: parameters[0].Name == "search");

    private async Task EndEditAsync(UploadedDataSet edited)
    {
        await LoadAsync(Ended);
        DataSetVersion made = _versions.First(version => version.DataSet.Version == edited.Version);
        DataSetEdit edit = made.Edit!;
        _undo = (edited.Version, made.Parent!.Value, edit.After is null ? L["Line {0} was deleted.", Display.Count(edit.Line)] : L["Line {0} was edited.", Display.Count(edit.Line)]);
    }

    private async Task UndoAsync()
    {
        _failure = null;
        try
        {
            await Versions.MakeCurrentAsync(Id, _undo!.Value.Before, Ended);
        }
        catch (UserInputException refused)
        {
            _failure = refused.Message;
        }

        await LoadAsync(Ended);
    }
}
