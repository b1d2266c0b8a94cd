using RftConsole.Web.Components.Rewards;

namespace RftConsole.Tests.Components;

/// <summary>What changed between two versions.</summary>
public sealed class TextDiffTests
{
    [Fact]
    public void Equal_texts_have_no_lines() => Assert.Empty(TextDiff.Of("a\nb\n", "a\nb\n"));

    [Fact]
    public void A_changed_line_stands_once_on_each_side_with_its_number() =>
        Assert.Equal([new(DiffKind.Same, "a", 1, 1), new(DiffKind.Removed, "b", 2, null), new(DiffKind.Added, "c", null, 2), new(DiffKind.Same, "d", 3, 3)], TextDiff.Of("a\nb\nd", "a\nc\nd"));

    [Fact]
    public void White_space_counts_because_it_does_in_Python() => Assert.NotEmpty(TextDiff.Of("if a:\n    b", "if a:\n  b"));

    [Fact]
    public void Lines_far_from_a_change_are_folded()
    {
        string[] lines = [.. Enumerable.Range(1, 20).Select(number => $"line {number}")];
        string after = string.Join('\n', lines).Replace("line 10", "changed", StringComparison.Ordinal);

        IReadOnlyList<DiffLine> diff = TextDiff.Of(string.Join('\n', lines), after);

        Assert.Equal(["6 equal lines", "line 7", "line 8", "line 9", "line 10", "changed", "line 11", "line 12", "line 13", "7 equal lines"], diff.Select(line => line.Text));
    }
}
