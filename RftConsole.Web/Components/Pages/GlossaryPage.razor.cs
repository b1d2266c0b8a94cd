using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Help;

namespace RftConsole.Web.Components.Pages;

/// <summary>The words of the field; what is searched for stands in the address.</summary>
public sealed partial class GlossaryPage
{
    private readonly Queue<string?> _sent = new();
    private IReadOnlyList<GlossaryTerm> _found = [];
    private string? _text;

    [Inject]
    public required NavigationManager Navigation { get; init; }

    /// <summary>What is searched for.</summary>
    [SupplyParameterFromQuery(Name = "search")]
    public string? Search { get; set; }

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        // The address comes back from the browser later than the next letter: what was sent from here is known already.
        while (_sent.TryDequeue(out string? sent))
        {
            if (sent == Search)
            {
                return;
            }
        }

        Show(Search);
    }

    private void Find(string? text)
    {
        string? wanted = string.IsNullOrWhiteSpace(text) ? null : text;
        Show(text);
        _sent.Enqueue(wanted);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("search", wanted), replace: true);
    }

    private void Show(string? text) => (_text, _found) = (text, Glossary.Search(text));
}
