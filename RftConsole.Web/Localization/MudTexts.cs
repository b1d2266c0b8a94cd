using Microsoft.Extensions.Localization;

using MudBlazor;

namespace RftConsole.Web.Localization;

/// <summary>The component library's own texts, such as the name of a button that clears a field; their keys are the library's.</summary>
internal sealed class MudTexts : MudLocalizer
{
    /// <inheritdoc />
    public override LocalizedString this[string key] =>
        Texts.Find(key) is { } text ? new(key, text) : new(key, key, resourceNotFound: true);
}
