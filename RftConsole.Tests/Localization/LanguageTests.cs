using System.Globalization;

using RftConsole.Web.Components.Controls;
using RftConsole.Web.Jobs;
using RftConsole.Web.Localization;

namespace RftConsole.Tests.Localization;

/// <summary>Numbers, dates and words in each language of the pages.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("en", "12.5 %", "1,234.5", "3 min 12 s", "2026-11-24", "In progress")]
    [InlineData("zh-Hans", "12.5%", "1,234.5", "3 分 12 秒", "2026/11/24", "进行中")]
    public void Values_read_in_the_reader_s_language(string language, string percent, string number, string duration, string date, string status)
    {
        Language.All.Single(one => one.Name == language).Apply();

        Assert.Equal(
            (percent, number, duration, date, status),
            (Display.Percent(0.125), Display.Number(1234.5), Display.Duration(TimeSpan.FromSeconds(192)), Display.Date(new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero)), Display.Status(JobStatus.InProgress)));
    }

    [Fact]
    public void No_language_has_a_decimal_comma() => Assert.All(Language.All, language => Assert.Equal("0.5", 0.5.ToString(language.Culture)));

    [Fact]
    public void The_date_of_a_picker_is_the_one_of_the_pages() =>
        Assert.All(Language.All, language =>
        {
            language.Apply();
            DateTimeOffset day = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
            Assert.Equal(Display.Date(day), day.ToString(CultureInfo.CurrentCulture.DateTimeFormat.ShortDatePattern, CultureInfo.CurrentCulture));
        });
}
