using System.Globalization;

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;

using MudBlazor;

using RftConsole.Web.Security.Audit;

namespace RftConsole.Web.Components.Pages;

/// <summary>Who changed what, and when; what is searched for stands in the address.</summary>
public sealed partial class AuditLogPage
{
    private const int PageSize = 50;

    private IReadOnlyList<AuditEntry>? _entries;
    private DateRange? _days;
    private string _search = "";
    private int _page = 1;
    private int _total;

    [Inject]
    public required IAuditLog Audit { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>What is searched for.</summary>
    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    private AuditQuery Query => new(_search, Day(_days?.Start), Day(_days?.End)?.AddDays(1));

    private string Download => QueryHelpers.AddQueryString(AuditEndpoint.Address, new Dictionary<string, string?>
    {
        ["search"] = _search,
        ["from"] = Query.From?.ToString("O", CultureInfo.InvariantCulture),
        ["to"] = Query.To?.ToString("O", CultureInfo.InvariantCulture),
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    /// <inheritdoc />
    protected override Task OnInitializedAsync()
    {
        _search = Search ?? "";
        return ShowAsync(1);
    }

    private static DateTimeOffset? Day(DateTime? day) => day is { } local ? new DateTimeOffset(DateTime.SpecifyKind(local.Date, DateTimeKind.Local)) : null;

    private async Task SearchAsync(string text)
    {
        _search = text ?? "";
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("search", _search.Length > 0 ? _search : null), replace: true);
        await ShowAsync(1);
    }

    private Task FilterAsync(DateRange? days)
    {
        _days = days;
        return ShowAsync(1);
    }

    private async Task ShowAsync(int page)
    {
        _page = page;
        (_entries, _total) = await Audit.FindAsync(Query, (page - 1) * PageSize, PageSize);
    }
}
