using System.Globalization;
using System.Text.RegularExpressions;

using RftConsole.Tests.Repository;
using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Rewards;
using RftConsole.Training.Rewards.Lab;
using RftConsole.Web.Inference;
using RftConsole.Web.Localization;
using RftConsole.Web.Security;
using RftConsole.Web.Security.Audit;

namespace RftConsole.Tests.Localization;

/// <summary>The resource files against the pages: what is shown has its translation, and nothing is translated that is not shown.</summary>
public sealed partial class TextsTests
{
    private static readonly (string English, string Text)[] s_entries = [.. Texts.Read(Language.SimplifiedChinese.Culture)];

    private static readonly Dictionary<string, string> s_chinese =
        s_entries.DistinctBy(entry => entry.English, StringComparer.OrdinalIgnoreCase).ToDictionary(entry => entry.English, entry => entry.Text, StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Every_text_of_the_pages_has_its_chinese() => ExpectNone(Used().Where(text => !s_chinese.ContainsKey(text)));

    [Fact]
    public void A_text_is_translated_once() => ExpectNone(s_entries.Select(entry => entry.English).CountBy(english => english, StringComparer.OrdinalIgnoreCase).Where(count => count.Value > 1));

    [Fact]
    public void Nothing_is_translated_that_no_page_shows() => ExpectNone(s_chinese.Keys.Where(key => !OfComponentLibrary.IsMatch(key)).Except(Used(), StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void A_translation_has_the_places_of_its_text() =>
        ExpectNone(s_chinese.Where(text => !OfComponentLibrary.IsMatch(text.Key) && !Places(text.Key).SequenceEqual(Places(text.Value))));

    [Fact]
    public void A_translation_marks_code_and_links_as_its_text_does() =>
        ExpectNone(s_chinese.Where(text => !Marks(text.Key).SequenceEqual(Marks(text.Value))));

    [Fact]
    public void Chinese_is_set_with_its_own_punctuation() => ExpectNone(s_chinese.Values.Where(text => HalfWidth.IsMatch(text)));

    [Fact]
    public void No_text_is_looked_up_once_for_all_readers() =>
        ExpectNone(from file in Sources() from line in File.ReadLines(file) where LookedUpOnce.IsMatch(line) select $"{Path.GetFileName(file)}: {line.Trim()}");

    [Theory]
    [InlineData("en", "Delete", "Delete")]
    [InlineData("", "Delete", "Delete")]
    [InlineData("de", "Delete", "Delete")]
    [InlineData("zh-Hans", "no such text", "no such text")]
    public void A_text_without_a_translation_is_shown_in_english(string culture, string english, string shown)
    {
        CultureInfo.CurrentUICulture = new(culture);

        Assert.Equal(shown, Texts.L[english]);
    }

    /// <summary>Shows all of what was found where there should be nothing.</summary>
    private static void ExpectNone<T>(IEnumerable<T> found) => Assert.Equal("", string.Join('\n', found));

    /// <summary>Texts in the sources, and those that the engine keeps for pages.</summary>
    private static HashSet<string> Used() =>
    [
        .. from file in Sources() from Match text in InSource.Matches(File.ReadAllText(file)) select Unescaped(text.Groups["text"].Value),
        .. RewardTemplates.All.SelectMany(template => new[] { template.Title, template.Description }),
        .. HealthKind.All.SelectMany(kind => new[] { kind.Title, kind.Seen, kind.Why, kind.Remedy }),
        .. Enum.GetValues<ConsoleRole>().Select(role => role.Name()),
        PlaygroundTarget.TunedKind,
        AuditEntry.Done,
        AuditEntry.Refused,
        .. BaseModels.All.Select(model => model.Description),
        .. Enum.GetValues<ProbeKind>().Select(RewardProbes.Title),
        .. DryRunRemarks.Phrases,
        .. RewardProbes.Phrases,
        .. SampleTasks.All.SelectMany(task => new[] { task.Data.Title, task.Data.Description, task.Story.What, task.Story.Why, task.Story.Reward, task.Story.Watch }),
    ];

    private static IEnumerable<string> Sources() => RepositoryFolder.Files("RftConsole.Web", ".razor", ".cs").Where(file => Path.GetFileName(file) != "Texts.cs");

    private static string Unescaped(string source) => Regex.Unescape(source);

    private static IEnumerable<string> Places(string text) => Place.Matches(text).Select(place => place.Value).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Marks(string text) => Mark.Matches(text).Select(mark => mark.Value).Order(StringComparer.Ordinal);

    [GeneratedRegex("""(?:\bL\[|\bPhrase\()\s*"(?<text>(?:[^"\\]|\\.)*)"(?<!\\")""")]
    private static partial Regex InSource { get; }

    [GeneratedRegex(@"^(?:Mud[A-Za-z]+|Converter)_[A-Za-z]+$")]
    private static partial Regex OfComponentLibrary { get; }

    [GeneratedRegex(@"\{\d+[^}]*\}")]
    private static partial Regex Place { get; }

    /// <summary>Code as it stands, addresses of links; what a link or a stressed word says is translated.</summary>
    [GeneratedRegex(@"`[^`]+`|\]\([^)]+\)|\*\*")]
    private static partial Regex Mark { get; }

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}[,:;?!]|[,:;?!](?=\p{IsCJKUnifiedIdeographs})")]
    private static partial Regex HalfWidth { get; }

    /// <summary>A field that is filled when its class is first used holds the language of whoever came first.</summary>
    [GeneratedRegex(@"\bstatic\b[^=]*[^=!<>]=[^=>].*\bL\[|\bconst\b.*\bL\[")]
    private static partial Regex LookedUpOnce { get; }
}
