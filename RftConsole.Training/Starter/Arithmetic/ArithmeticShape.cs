using System.Globalization;

namespace RftConsole.Training.Starter.Arithmetic;

/// <summary>A kind of word problem: which numbers it takes, how it is solved, and how people phrase it.</summary>
/// <param name="Name">Names the shape in keys.</param>
/// <param name="Statement">What the first step finds, up to the number.</param>
/// <param name="Numbers">Draws the numbers a, b and, where there are two steps, c.</param>
/// <param name="Solve">The steps for those numbers.</param>
/// <param name="Phrasings">Questions with the places {N} and {M} (people), {things}, {boxes}, {a}, {b}, {c}.</param>
internal sealed record ArithmeticShape(string Name, string Statement, Func<Draw, int[]> Numbers, Func<int[], ArithmeticStep[]> Solve, string[] Phrasings)
{
    /// <summary>Draws a problem of this shape.</summary>
    public ArithmeticProblem Problem(Draw draw)
    {
        string person = draw.Pick(StarterWords.Names);
        string other = draw.PickOther(StarterWords.Names, person);
        string things = draw.Pick(StarterWords.Things);
        string boxes = draw.Pick(StarterWords.Containers);
        int[] numbers = Numbers(draw);
        string phrasing = draw.Pick(Phrasings);

        string Fill(string template)
        {
            string text = template.Replace("{N}", person, StringComparison.Ordinal).Replace("{M}", other, StringComparison.Ordinal)
                .Replace("{things}", things, StringComparison.Ordinal).Replace("{boxes}", boxes, StringComparison.Ordinal);
            for (int i = 0; i < numbers.Length; i++)
            {
                text = text.Replace("{" + (char)('a' + i) + "}", numbers[i].ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            }

            return text;
        }

        // Not every phrasing names the second person or the boxes, so they stay out of the key: two problems that differ in them alone may read the same.
        string key = string.Join('|', Name, person, things, string.Join(',', numbers));
        return new(key, Fill(phrasing), Fill(Statement), person, things, numbers, Solve(numbers));
    }
}
