using System.Reflection;

using Microsoft.AspNetCore.Components;

using RftConsole.Web.Components.Layout;
using RftConsole.Web.Storage;

namespace RftConsole.Web.Components.Pages;

/// <summary>What can be set, and what this console is.</summary>
public sealed partial class SettingsPage : IDisposable
{
    /// <summary>The version, and so much of the commit as names it.</summary>
    private static readonly string _version = string.Concat(
        (typeof(SettingsPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+', 2).Select((part, index) => index == 0 ? part : $" ({part[..Math.Min(8, part.Length)]})"));

    [CascadingParameter]
    public required Appearance Appearance { get; set; }

    [Inject]
    internal DataFolder Folder { get; init; } = null!;

    /// <inheritdoc />
    public void Dispose() => Appearance.Changed -= OnChanged;

    /// <inheritdoc />
    protected override void OnInitialized() => Appearance.Changed += OnChanged;

    private void OnChanged() => _ = InvokeAsync(StateHasChanged);
}
