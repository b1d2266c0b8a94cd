using Microsoft.AspNetCore.Components;

using RftConsole.Web.Api;

namespace RftConsole.Web.Components.Pages;

/// <summary>The HTTP API to read: the OpenAPI description, as people read it.</summary>
public sealed partial class ApiDocsPage
{
    private IReadOnlyList<ApiCall> _calls = [];

    [Inject]
    internal ApiReference Reference { get; init; } = null!;

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string Example => $$"""
        curl {{Navigation.BaseUri.TrimEnd('/')}}/v1/chat/completions \
          -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \
          -d '{"model": "starter", "messages": [{"role": "user", "content": "Tom has 3 pens and buys 4 more. How many pens does Tom have?"}]}'
        """;

    /// <inheritdoc />
    protected override async Task OnInitializedAsync() => _calls = await Reference.CallsAsync();
}
