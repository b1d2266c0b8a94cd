using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Tests.Datasets.Inspection;

public sealed class TokenStatisticsTests
{
    [Fact]
    public void Figures_of_a_hundred_lengths()
    {
        var statistics = TokenStatistics.Of(Enumerable.Range(1, 100), limit: 90);

        Assert.Equal((100, 5050L, 1, 100, 50.5), (statistics.Count, statistics.Total, statistics.Min, statistics.Max, statistics.Mean));
        Assert.Equal((50, 95, 99, 10), (statistics.Median, statistics.P95, statistics.P99, statistics.Dropped));
        Assert.Equal(new TokenBin(0, 4, 4), statistics.Histogram[0]);
        Assert.Equal(new TokenBin(100, 104, 1), statistics.Histogram[^1]);
    }

    [Fact]
    public void Bins_are_few_touch_each_other_and_hold_every_prompt()
    {
        var random = new Random(3);
        for (var trial = 0; trial < 200; trial++)
        {
            var most = random.Next(1, 5000);
            int[] lengths = [.. Enumerable.Range(0, random.Next(1, 300)).Select(_ => random.Next(1, most + 1))];

            var bins = TokenStatistics.Of(lengths, 100).Histogram;

            Assert.InRange(bins.Count, 1, 24);
            Assert.Equal(lengths.Length, bins.Sum(bin => bin.Count));
            Assert.All(bins, bin => Assert.Equal(lengths.Count(length => length >= bin.From && length <= bin.To), bin.Count));
            Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.Equal(pair.First.To + 1, pair.Second.From));
        }
    }

    [Fact]
    public void Nothing_has_no_bins()
    {
        var statistics = TokenStatistics.Of(Array.Empty<int>(), limit: 90);

        Assert.Equal((0, 0, 90), (statistics.Count, statistics.Max, statistics.Limit));
        Assert.Empty(statistics.Histogram);
    }
}
