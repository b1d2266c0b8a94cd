using Microsoft.Playwright;

using static Microsoft.Playwright.Assertions;

namespace RftConsole.Tests.Browser;

/// <summary>Parts of a page as a screen reader meets them: by role and exact name.</summary>
internal static class PageParts
{
    public static ILocator Heading(IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    public static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>The first one, where there are several.</summary>
    public static ILocator Link(IPage page, string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).First;

    public static ILocator Textbox(IPage page, string name) => page.GetByRole(AriaRole.Textbox, new() { Name = name, Exact = true });

    /// <summary>The first one: that of the page's head.</summary>
    public static ILocator Status(IPage page) => page.GetByRole(AriaRole.Status).First;

    public static ILocator Tab(IPage page, string name) => page.GetByRole(AriaRole.Tab, new() { Name = name, Exact = true });

    public static ILocator Dialog(IPage page, string name) => page.GetByRole(AriaRole.Dialog, new() { Name = name, Exact = true });

    /// <summary>Chooses from a list.</summary>
    public static async Task ChooseAsync(ILocator within, string list, string choice)
    {
        await within.GetByRole(AriaRole.Combobox, new() { Name = list, Exact = true }).ClickAsync();
        await within.Page.GetByRole(AriaRole.Option, new() { Name = choice }).ClickAsync();
    }

    /// <summary>Enters a number.</summary>
    public static async Task NumberAsync(IPage page, string name, string value)
    {
        ILocator field = page.GetByRole(AriaRole.Spinbutton, new() { Name = name, Exact = true });
        await field.FillAsync(value);
        await Expect(field).ToHaveValueAsync(value);
    }
}
