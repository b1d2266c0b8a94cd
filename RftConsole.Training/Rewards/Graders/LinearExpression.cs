using System.Globalization;

namespace RftConsole.Training.Rewards.Graders;

/// <summary>
/// An arithmetic expression of numbers and names with <c>+ - * /</c> and parentheses, as far as it is a weighted sum of the names: what a <c>multi</c> grader may be that has
/// parts of different kinds.
/// </summary>
public static class LinearExpression
{
    /// <summary>The weight of each name.</summary>
    /// <exception cref="UserInputException">It is no weighted sum; the message says where.</exception>
    public static IReadOnlyDictionary<string, double> Weights(string expression)
    {
        Parser parser = new(expression);
        Sum sum = parser.ReadSum();
        parser.RequireEnd();
        return sum.Constant == 0 ? sum.Weights : throw new UserInputException(string.Create(CultureInfo.InvariantCulture, $"the constant {sum.Constant} cannot be added to a weighted sum of graders"));
    }

    private sealed record Sum(double Constant, IReadOnlyDictionary<string, double> Weights)
    {
        public bool IsConstant => Weights.Count == 0;

        public Sum Times(double factor) => new(Constant * factor, Weights.ToDictionary(x => x.Key, x => x.Value * factor));

        public Sum Plus(Sum other, double sign) =>
            new(Constant + (sign * other.Constant), Weights.Keys.Union(other.Weights.Keys).ToDictionary(x => x, x => Weights.GetValueOrDefault(x) + (sign * other.Weights.GetValueOrDefault(x))));
    }

    private sealed class Parser(string text)
    {
        /// <summary>Deeper parentheses have no use, and each level takes a part of the stack.</summary>
        private const int MostDepth = 64;

        private int _at;
        private int _depth;

        public Sum ReadSum()
        {
            Sum sum = ReadProduct();
            while (Take('+') is var plus && (plus || Take('-')))
            {
                sum = sum.Plus(ReadProduct(), plus ? 1 : -1);
            }

            return sum;
        }

        public void RequireEnd()
        {
            Skip();
            if (_at < text.Length)
            {
                throw Wrong("it is a weighted sum no more");
            }
        }

        private Sum ReadProduct()
        {
            Sum product = ReadFactor();
            while (Take('*') is var times && (times || Take('/')))
            {
                Sum factor = ReadFactor();
                product = times && product.IsConstant ? factor.Times(product.Constant)
                    : factor is { IsConstant: true, Constant: not 0 } ? product.Times(times ? factor.Constant : 1 / factor.Constant)
                    : factor.IsConstant && times ? product.Times(0)
                    : throw Wrong(times ? "two graders are multiplied" : "a grader, or 0, is divided by");
            }

            return product;
        }

        private Sum ReadFactor()
        {
            if (++_depth > MostDepth)
            {
                throw Wrong("it is nested too deep");
            }

            Sum factor = Take('-') ? ReadFactor().Times(-1) : Take('+') ? ReadFactor() : Take('(') ? ReadInner() : ReadName() ?? ReadNumber();
            _depth--;
            return factor;
        }

        private Sum ReadInner()
        {
            Sum inner = ReadSum();
            return Take(')') ? inner : throw Wrong("a parenthesis is not closed");
        }

        private Sum? ReadName()
        {
            Skip();
            int start = _at;
            while (_at < text.Length && (char.IsLetter(text[_at]) || text[_at] == '_' || (_at > start && char.IsDigit(text[_at]))))
            {
                _at++;
            }

            return _at > start ? new(0, new Dictionary<string, double> { [text[start.._at]] = 1 }) : null;
        }

        private Sum ReadNumber()
        {
            int start = _at;
            while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
            {
                _at++;
            }

            return double.TryParse(text.AsSpan(start, _at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? new(number, new Dictionary<string, double>())
                : throw Wrong("a number or a grader's name is missing");
        }

        private bool Take(char wanted)
        {
            Skip();
            bool there = _at < text.Length && text[_at] == wanted;
            _at += there ? 1 : 0;
            return there;
        }

        private void Skip()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }

        private UserInputException Wrong(string why) => new($"at character {_at + 1}, {why}");
    }
}
