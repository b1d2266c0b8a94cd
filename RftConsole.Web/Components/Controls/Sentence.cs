using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace RftConsole.Web.Components.Controls;

/// <summary>
/// A text with <c>`code`</c>, <c>**stress**</c> and <c>[links](/address)</c> within, which stand elsewhere in another language's sentence.
/// Values come to their places <c>{0}</c>, <c>{1}</c> … as text, whatever they hold.
/// </summary>
public sealed partial class Sentence : ComponentBase
{
    /// <summary>In the reader's language.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>What stands in its places.</summary>
    [Parameter]
    public object?[] Values { get; set; } = [];

    /// <inheritdoc />
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        int at = 0;
        foreach (Match match in Marked.Matches(Text))
        {
            builder.AddContent(0, Filled(Text[at..match.Index]));
            at = match.Index + match.Length;
            builder.OpenElement(1, match.Groups["link"].Success ? "a" : match.Groups["code"].Success ? "code" : "strong");
            if (match.Groups["link"].Success)
            {
                builder.AddAttribute(2, "href", Filled(match.Groups["address"].Value));
            }

            builder.AddContent(3, Filled(match.Groups["link"].Value + match.Groups["code"].Value + match.Groups["stress"].Value));
            builder.CloseElement();
        }

        builder.AddContent(0, Filled(Text[at..]));
    }

    private string Filled(string part) => Values.Length == 0 ? part : string.Format(Language.Current.Culture, part, Values);

    [GeneratedRegex(@"\[(?<link>[^\]]+)\]\((?<address>[^)]+)\)|`(?<code>[^`]+)`|\*\*(?<stress>[^*]+)\*\*")]
    private static partial Regex Marked { get; }
}
