using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Patterns of personal data. Each takes time in proportion to the text, whatever the text is.</summary>
internal static partial class PersonalDataPatterns
{
    private const int LongestLocalPart = 64;
    private const int LongestDomain = 255;
    private const int FewestDigits = 8;
    private const int WidestGap = 3;

    /// <summary>All kinds that a text seems to hold.</summary>
    public static PersonalDataKinds Find(string text)
    {
        var found = HasEmailAddress(text) ? PersonalDataKinds.EmailAddress : PersonalDataKinds.None;
        if (HasLongNumber(text))
        {
            found |= HasCardNumber(text) ? PersonalDataKinds.CardNumber : PersonalDataKinds.None;
            found |= HasPhoneNumber(text) ? PersonalDataKinds.PhoneNumber : PersonalDataKinds.None;
            found |= HasIban(text) ? PersonalDataKinds.Iban : PersonalDataKinds.None;
            found |= SocialSecurityNumber.IsMatch(text) ? PersonalDataKinds.SocialSecurityNumber : PersonalDataKinds.None;
        }

        return found;
    }

    private static bool HasEmailAddress(string text)
    {
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            var start = at;
            while (start > 0 && at - start <= LongestLocalPart && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '_' or '%' or '+' or '-'))
            {
                start--;
            }

            if (start < at && at - start <= LongestLocalPart && Domain.IsMatch(text.AsSpan(at + 1, Math.Min(text.Length - at - 1, LongestDomain))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Thirteen to nineteen digits as cards group them, with a known issuer's prefix and the check digit of ISO/IEC 7812 (Luhn).</summary>
    private static bool HasCardNumber(string text) => AnyMatch(CardNumber, text, match =>
    {
        Span<char> digits = stackalloc char[match.Length];
        var length = 0;
        foreach (var character in match)
        {
            if (char.IsAsciiDigit(character))
            {
                digits[length++] = character;
            }
        }

        return HasIssuer(digits[..length]) && PassesLuhn(digits[..length]);
    });

    /// <summary>An international number, or one grouped as in North America or with an area code.</summary>
    private static bool HasPhoneNumber(string text) => AnyMatch(PhoneNumber, text, match =>
    {
        var digits = 0;
        foreach (var character in match)
        {
            digits += char.IsAsciiDigit(character) ? 1 : 0;
        }

        return digits is >= 8 and <= 15;
    });

    /// <summary>ISO 13616, with its check digits.</summary>
    private static bool HasIban(string text) => AnyMatch(Iban, text, match =>
    {
        // Read from the fifth character on, then the first four, letters as 10 to 35: the remainder by 97 must be 1.
        var remainder = 0;
        var characters = match.ToString().Replace(" ", "", StringComparison.Ordinal);
        foreach (var character in characters[4..] + characters[..4])
        {
            remainder = (char.IsAsciiDigit(character) ? remainder * 10 + (character - '0') : remainder * 100 + (character - 'A' + 10)) % 97;
        }

        return remainder == 1;
    });

    private delegate bool Judge(ReadOnlySpan<char> match);

    private static bool AnyMatch(Regex pattern, string text, Judge judge)
    {
        foreach (var match in pattern.EnumerateMatches(text))
        {
            if (judge(text.AsSpan(match.Index, match.Length)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether there is a place with the digits that each of the patterns wants at least; most texts have none, and are done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool HasLongNumber(ReadOnlySpan<char> text)
    {
        var digits = 0;
        int gap;
        while ((gap = text.IndexOfAnyInRange('0', '9')) >= 0)
        {
            digits = gap <= WidestGap ? digits + 1 : 1;
            if (digits == FewestDigits)
            {
                return true;
            }

            text = text[(gap + 1)..];
        }

        return false;
    }

    private static bool HasIssuer(ReadOnlySpan<char> digits)
    {
        var two = (digits[0] - '0') * 10 + digits[1] - '0';
        var three = two * 10 + digits[2] - '0';
        var four = three * 10 + digits[3] - '0';
        return digits.Length switch
        {
            13 => two / 10 == 4,
            14 => two is 36 or 38 or 39 || three is >= 300 and <= 305,
            15 => two is 34 or 37,
            16 => two / 10 == 4 || two is >= 51 and <= 55 or 62 or 65 || four is >= 2221 and <= 2720 or 6011 || three is >= 644 and <= 649 || four is >= 3528 and <= 3589,
            _ => two is 62 || (digits.Length == 19 && two / 10 == 4),
        };
    }

    private static bool PassesLuhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            digit = i % 2 == 0 ? digit : digit * 2;
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9])")]
    private static partial Regex Domain { get; }

    [GeneratedRegex(@"(?<![\d.,])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?!\d)")]
    private static partial Regex CardNumber { get; }

    [GeneratedRegex(@"(?<![\w+])\+\d{1,3}(?:[ ./-]?\(?\d{1,5}\)?){2,6}(?!\w)|(?<![\w.,/-])\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}(?![\w/-])|(?<![\w.,/-])\(?0\d{2,4}\)?[ /-]\d{5,8}(?![\w/])")]
    private static partial Regex PhoneNumber { get; }

    [GeneratedRegex(@"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")]
    private static partial Regex Iban { get; }

    [GeneratedRegex(@"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")]
    private static partial Regex SocialSecurityNumber { get; }
}
