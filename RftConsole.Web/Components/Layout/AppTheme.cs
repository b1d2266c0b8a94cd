using MudBlazor;

namespace RftConsole.Web.Components.Layout;

/// <summary>The console's look: two calm palettes, the fonts of the system, thin lines in place of shadows.</summary>
public static class AppTheme
{
    private static readonly string[] _font = ["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Helvetica Neue", "Arial", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "sans-serif"];

    /// <summary>The theme of every page.</summary>
    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#3f51c7",
            Secondary = "#0f766e",
            Tertiary = "#9333b8",
            Info = "#1d6fb8",
            Success = "#18794e",
            Warning = "#945306",
            Error = "#c2303a",
            Background = "#f6f7f9",
            BackgroundGray = "#eef0f4",
            Surface = "#ffffff",
            AppbarBackground = "#ffffff",
            AppbarText = "#1b2130",
            DrawerBackground = "#ffffff",
            DrawerText = "#3a4256",
            DrawerIcon = "#5a6378",
            TextPrimary = "#1b2130",
            TextSecondary = "#586175",
            TextDisabled = "#8b93a5",
            ActionDefault = "#586175",
            LinesDefault = "#e3e6ec",
            LinesInputs = "#b9c0cd",
            TableLines = "#e8ebf0",
            TableHover = "#f4f6fb",
            Divider = "#e3e6ec",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#8f9dff",
            PrimaryContrastText = "#10132a",
            Secondary = "#4fd1c0",
            SecondaryContrastText = "#06201d",
            Tertiary = "#d48cf0",
            Info = "#6cb6f5",
            Success = "#57c995",
            SuccessContrastText = "#06200f",
            Warning = "#e8b04b",
            WarningContrastText = "#241703",
            Error = "#ff7b83",
            ErrorContrastText = "#2b0507",
            Black = "#0d1017",
            Background = "#0e1118",
            BackgroundGray = "#131722",
            Surface = "#161b26",
            AppbarBackground = "#121620",
            AppbarText = "#e6e9f0",
            DrawerBackground = "#121620",
            DrawerText = "#b9c1d1",
            DrawerIcon = "#8d97ab",
            TextPrimary = "#e6e9f0",
            TextSecondary = "#9aa4b8",
            TextDisabled = "#677085",
            ActionDefault = "#9aa4b8",
            LinesDefault = "#262d3c",
            LinesInputs = "#48526a",
            TableLines = "#232a38",
            TableHover = "#1b2130",
            Divider = "#262d3c",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = _font, FontSize = "0.875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            H1 = new H1Typography { FontFamily = _font, FontSize = "1.5rem", FontWeight = "650", LineHeight = "1.25", LetterSpacing = "-0.015em" },
            H2 = new H2Typography { FontFamily = _font, FontSize = "1.0625rem", FontWeight = "620", LineHeight = "1.35", LetterSpacing = "-0.005em" },
            Body1 = new Body1Typography { FontFamily = _font, FontSize = "0.875rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = _font, FontSize = "0.8125rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = _font, FontSize = "0.8438rem", FontWeight = "560", TextTransform = "none", LetterSpacing = "normal" },
            Caption = new CaptionTypography { FontFamily = _font, FontSize = "0.75rem", LetterSpacing = "normal" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", DrawerWidthLeft = "232px", AppbarHeight = "56px" },
    };
}
