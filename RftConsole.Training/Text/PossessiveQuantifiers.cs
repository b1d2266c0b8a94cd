using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// Rewrites possessive quantifiers (<c>x?+</c>, <c>x*+</c>, <c>x++</c>), which published tokenizer files use and .NET lacks,
/// as atomic groups (<c>(?&gt;x?)</c>), which mean the same.
/// </summary>
internal static class PossessiveQuantifiers
{
    /// <summary>The expression without possessive quantifiers; a malformed one comes back for the .NET parser to complain about.</summary>
    public static string ToAtomicGroups(string expression)
    {
        var result = new StringBuilder(expression.Length + 8);
        var openGroups = new Stack<int>();
        var atomStart = 0;
        var position = 0;
        while (position < expression.Length)
        {
            var current = expression[position];
            if (current is '?' or '*' or '+' && position + 1 < expression.Length && expression[position + 1] == '+')
            {
                result.Insert(atomStart, "(?>").Append(current).Append(')');
                position += 2;
                continue;
            }

            if (current == '(')
            {
                openGroups.Push(result.Length);
                var opening = GroupOpening(expression, position);
                result.Append(expression, position, opening);
                position += opening;
                continue;
            }

            if (current == ')')
            {
                atomStart = openGroups.TryPop(out var start) ? start : result.Length;
                result.Append(current);
                position++;
                continue;
            }

            if (current is '?' or '*' or '+' || (current == '{' && CountedLength(expression, position) > 0))
            {
                // Part of the atom's quantifier: the atom still starts where it did.
                var length = current == '{' ? CountedLength(expression, position) : 1;
                result.Append(expression, position, length);
                position += length;
                continue;
            }

            atomStart = result.Length;
            var atom = AtomLength(expression, position);
            result.Append(expression, position, atom);
            position += atom;
        }

        return result.ToString();
    }

    // The ? after an opening parenthesis is no quantifier: (?: (?= (?! (?> (?<= (?<! (?i:
    private static int GroupOpening(string expression, int position) =>
        position + 1 < expression.Length && expression[position + 1] == '?' ? 2 : 1;

    private static int CountedLength(string expression, int position)
    {
        var end = expression.IndexOf('}', position);
        return end > position + 1 && expression.AsSpan(position + 1, end - position - 1).IndexOfAnyExcept("0123456789,") < 0 ? end - position + 1 : 0;
    }

    private static int AtomLength(string expression, int position)
    {
        if (expression[position] == '\\')
        {
            return EscapeLength(expression, position);
        }

        if (expression[position] != '[')
        {
            return 1;
        }

        var end = position + 1;
        if (end < expression.Length && expression[end] == '^')
        {
            end++;
        }

        // A bracket right at the start of a class is an ordinary character.
        if (end < expression.Length && expression[end] == ']')
        {
            end++;
        }

        while (end < expression.Length && expression[end] != ']')
        {
            end += expression[end] == '\\' ? EscapeLength(expression, end) : 1;
        }

        return Math.Min(end + 1, expression.Length) - position;
    }

    private static int EscapeLength(string expression, int position)
    {
        var named = position + 2 < expression.Length && expression[position + 1] is 'p' or 'P' && expression[position + 2] == '{';
        var end = named ? expression.IndexOf('}', position) : position + 1;
        return Math.Min(end < 0 ? expression.Length : end + 1, expression.Length) - position;
    }
}
