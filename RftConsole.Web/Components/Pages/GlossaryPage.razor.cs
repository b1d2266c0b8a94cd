using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Help;

namespace RftConsole.Web.Components.Pages;

/// <summary>The words of the field; what is searched for stands in the address.</summary>
public sealed partial class GlossaryPage
{
    private IReadOnlyList<GlossaryTerm> _found = [];

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>What is searched for.</summary>
    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    /// <inheritdoc />
    protected override void OnParametersSet() => _found = Glossary.Search(Search);

    private void Find(string? text) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("search", string.IsNullOrWhiteSpace(text) ? null : text), replace: true);
}
