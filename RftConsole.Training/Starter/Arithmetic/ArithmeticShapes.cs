namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>The shapes of word problems, all with numbers of at most two digits.</summary>
internal static class ArithmeticShapes
{
    private const int LargestNumber = 60;

    /// <summary>Problems of one step.</summary>
    public static IReadOnlyList<ArithmeticShape> OneStep { get; } =
    [
        new("get", "{N} has", Sum, n => [new(n[0], '+', n[1])],
        [
            "{N} has {a} {things}. {M} gives {N} {b} more. How many {things} does {N} have now?",
            "{N} has {a} {things} and buys {b} more. How many {things} does {N} have?",
            "{N} had {a} {things} and found {b} more. How many {things} is that?",
        ]),
        new("give", "{N} has", Difference, n => [new(n[0], '-', n[1])],
        [
            "{N} has {a} {things} and gives {b} to {M}. How many {things} are left?",
            "{N} had {a} {things} and lost {b}. How many {things} does {N} have now?",
            "There are {a} {things}. {N} takes {b}. How many {things} are left?",
        ]),
        new("groups", "{N} has", Product, n => [new(n[0], '*', n[1])],
        [
            "{N} has {a} {boxes} with {b} {things} in each. How many {things} does {N} have?",
            "{N} buys {a} {boxes} of {b} {things}. How many {things} is that?",
            "There are {b} {things} in each of {a} {boxes}. {N} counts all {things}. How many are there?",
        ]),
        new("share", "Each gets", Quotient, n => [new(n[0], '/', n[1])],
        [
            "{N} shares {a} {things} equally among {b} friends. How many {things} does each get?",
            "{N} puts {a} {things} into {b} {boxes}, the same in each. How many {things} are in each?",
            "{b} friends of {N} share {a} {things} equally. How many {things} for each?",
        ]),
    ];

    /// <summary>Problems of two steps.</summary>
    public static IReadOnlyList<ArithmeticShape> TwoSteps { get; } =
    [
        new("groups-get", "{N} has", draw => [.. Product(draw), draw.Between(2, 18)], n => [new(n[0], '*', n[1]), new(n[0] * n[1], '+', n[2])],
        [
            "{N} has {a} {boxes} with {b} {things} in each and buys {c} more. How many {things} does {N} have?",
            "{N} buys {a} {boxes} of {b} {things}. {M} gives {N} {c} more. How many {things} does {N} have now?",
        ]),
        new("groups-give", "{N} has", ProductLess, n => [new(n[0], '*', n[1]), new(n[0] * n[1], '-', n[2])],
        [
            "{N} has {a} {boxes} with {b} {things} in each and gives {c} to {M}. How many {things} are left?",
            "{N} buys {a} {boxes} of {b} {things} and loses {c}. How many {things} does {N} have now?",
        ]),
        new("get-give", "{N} has", SumLess, n => [new(n[0], '+', n[1]), new(n[0] + n[1], '-', n[2])],
        [
            "{N} has {a} {things}, buys {b} more and gives {c} to {M}. How many {things} are left?",
            "{N} had {a} {things}, found {b} more and lost {c}. How many {things} does {N} have now?",
        ]),
        new("times-total", "{M} has", draw => [draw.Between(2, 9), draw.Between(2, 5)], n => [new(n[0], '*', n[1]), new(n[0], '+', n[0] * n[1])],
        [
            "{N} has {a} {things}. {M} has {b} times as many. How many {things} do they have together?",
            "{N} has {a} {things} and {M} has {b} times as many. How many {things} is that in all?",
        ]),
        new("more-total", "{M} has", MoreTotal, n => [new(n[0], '+', n[1]), new(n[0], '+', n[0] + n[1])],
        [
            "{N} has {a} {things}. {M} has {b} more than {N}. How many {things} do they have together?",
            "{N} has {a} {things} and {M} has {b} more than {N}. How many {things} is that in all?",
        ]),
        new("get-share", "{N} has", SumShared, n => [new(n[0], '+', n[1]), new(n[0] + n[1], '/', n[2])],
        [
            "{N} has {a} {things}, buys {b} more and shares all equally among {c} friends. How many {things} does each get?",
            "{N} had {a} {things} and found {b} more. {c} friends share all equally. How many {things} for each?",
        ]),
    ];

    private static int[] Sum(Draw draw)
    {
        int total = draw.Between(5, LargestNumber);
        int second = draw.Between(2, Math.Min(total - 2, 30));
        return [total - second, second];
    }

    private static int[] Difference(Draw draw)
    {
        int first = draw.Between(5, LargestNumber);
        return [first, draw.Between(2, Math.Min(first - 2, 30))];
    }

    private static int[] Product(Draw draw) => [draw.Between(2, 9), draw.Between(2, 9)];

    private static int[] Quotient(Draw draw)
    {
        int divisor = draw.Between(2, 9);
        return [divisor * draw.Between(2, 9), divisor];
    }

    private static int[] ProductLess(Draw draw)
    {
        int boxes = draw.Between(2, 9);
        int each = draw.Between(boxes == 2 ? 3 : 2, 9);
        return [boxes, each, draw.Between(2, Math.Min((boxes * each) - 2, 18))];
    }

    private static int[] SumLess(Draw draw)
    {
        int[] sum = Sum(draw);
        return [.. sum, draw.Between(2, Math.Min(sum[0] + sum[1] - 2, 18))];
    }

    private static int[] MoreTotal(Draw draw) => [draw.Between(3, 25), draw.Between(2, 15)];

    private static int[] SumShared(Draw draw)
    {
        int friends = draw.Between(2, 9);
        int each = draw.Between(2, 9);
        int total = friends * each;
        int bought = draw.Between(2, total - 2);
        return [total - bought, bought, friends];
    }
}
