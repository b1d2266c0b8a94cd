using System.Runtime.CompilerServices;
using System.Text;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>
/// The words of a text as hashes, in lower case: runs of letters and digits; each ideograph and each operator is a word of its own;
/// spaces and punctuation only separate.
/// </summary>
internal struct WordHashes
{
    private string _text;
    private int _position;

    /// <summary>A hash of the words with a digit and of the operators, over all texts so far.</summary>
    public ulong Numbers { get; private set; }

    public void Begin(string text)
    {
        _text = text;
        _position = 0;
    }

    /// <summary>The next word's hash, which is never 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Next(out ulong word)
    {
        while (_position < _text.Length)
        {
            var character = _text[_position++];
            if (StandsAlone(character))
            {
                word = Hash(Start, character);
                if (character < 0x80)
                {
                    Numbers = Hash(Numbers, character);
                }

                return true;
            }

            if (char.IsLetterOrDigit(character))
            {
                word = ReadWord(character);
                return true;
            }
        }

        word = 0;
        return false;
    }

    private const ulong Start = 0xCBF29CE484222325UL;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong ReadWord(char character)
    {
        var hash = Start;
        var hasDigit = false;
        while (true)
        {
            hash = Hash(hash, char.ToLowerInvariant(character));
            hasDigit |= char.IsAsciiDigit(character);
            if (_position == _text.Length || StandsAlone(_text[_position]) || !IsInWord(_text[_position]))
            {
                break;
            }

            character = _text[_position++];
        }

        hash = hash == 0 ? 1 : hash;
        Numbers = hasDigit ? Hash(Numbers, (char)hash) ^ hash : Numbers;
        return hash;
    }

    // Marks and surrogates belong to words: to scripts with vowel signs, and to letters beyond the basic plane.
    private static bool IsInWord(char character) =>
        char.IsAsciiLetterOrDigit(character) || (character >= 0x80 && (char.IsLetterOrDigit(character) || char.IsSurrogate(character)
            || char.GetUnicodeCategory(character) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark));

    private static bool StandsAlone(char character) => character < 0x80
        ? character is '+' or '-' or '*' or '/' or '%' or '^' or '=' or '<' or '>'
        : character >= 0x2E80 && char.IsLetter(character) && Rune.TryCreate(character, out _);

    /// <summary>FNV-1a.</summary>
    private static ulong Hash(ulong hash, char character) => (hash ^ character) * 0x100000001B3UL;
}
