using System.Collections.Frozen;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>A cautious guess at a text's language: by its script, and for Latin script by the commonest words of seven languages.</summary>
internal static class LanguageGuess
{
    /// <summary>Characters looked at.</summary>
    private const int LongestSample = 300;

    /// <summary>Different words of a language that must be there; one less where no other language has any.</summary>
    private const int FewestHits = 3;

    private static readonly string[] s_languages = ["English", "German", "French", "Spanish", "Italian", "Portuguese", "Dutch"];

    private static readonly FrozenDictionary<string, (byte Number, byte Languages)>.AlternateLookup<ReadOnlySpan<char>> s_words = Words().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The language, or null where the text is too short or too mixed to tell.</summary>
    public static string? Of(string text)
    {
        var sample = text.AsSpan(0, Math.Min(text.Length, LongestSample));
        return ByScript(sample, out var latin) ?? (latin ? ByWords(sample) : null);
    }

    private static string? ByScript(ReadOnlySpan<char> sample, out bool latin)
    {
        Span<int> counts = stackalloc int[Enum.GetValues<Script>().Length];
        var letters = 0;
        foreach (var character in sample)
        {
            if (char.IsAsciiLetter(character) || character is >= '\u00C0' and <= '\u024F')
            {
                counts[(int)Script.Latin]++;
                letters++;
            }
            else if (character > '\u024F' && char.IsLetter(character))
            {
                counts[(int)ScriptOf(character)]++;
                letters++;
            }
        }

        latin = counts[(int)Script.Latin] * 2 > letters;
        if (latin || letters < 4)
        {
            return null;
        }

        // Japanese is written with ideographs between its own letters.
        if (counts[(int)Script.Kana] > 0 && (counts[(int)Script.Kana] + counts[(int)Script.Han]) * 2 > letters)
        {
            return "Japanese";
        }

        for (var script = (int)Script.Latin + 1; script < counts.Length; script++)
        {
            if (counts[script] * 2 > letters)
            {
                return (Script)script switch
                {
                    Script.Cyrillic => "a Cyrillic-script language",
                    Script.Han => "Chinese",
                    Script.Hangul => "Korean",
                    Script.Devanagari => "a Devanagari-script language",
                    Script.Other => "another script",
                    _ => ((Script)script).ToString(),
                };
            }
        }

        return null;
    }

    private static string? ByWords(ReadOnlySpan<char> sample)
    {
        Span<int> hits = stackalloc int[s_languages.Length];
        Span<char> lower = stackalloc char[12];
        Span<bool> seen = stackalloc bool[byte.MaxValue + 1];
        seen.Clear();
        foreach (var range in new WordRanges(sample))
        {
            var word = sample[range];
            if (word.Length > lower.Length || word.ToLowerInvariant(lower) < 0 || !s_words.TryGetValue(lower[..word.Length], out var known))
            {
                continue;
            }

            // A word that comes again proves nothing more.
            if (seen[known.Number])
            {
                continue;
            }

            seen[known.Number] = true;
            for (var language = 0; language < hits.Length; language++)
            {
                hits[language] += known.Languages >> language & 1;
            }
        }

        var best = 0;
        for (var language = 1; language < hits.Length; language++)
        {
            best = hits[language] > hits[best] ? language : best;
        }

        var second = 0;
        for (var language = 0; language < hits.Length; language++)
        {
            second = language != best ? Math.Max(second, hits[language]) : second;
        }

        var enough = hits[best] >= (second == 0 ? FewestHits - 1 : FewestHits);
        return enough && hits[best] * 2 >= second * 3 ? s_languages[best] : null;
    }

    private static Script ScriptOf(char character) => character switch
    {
        >= '\u0370' and <= '\u03FF' or >= '\u1F00' and <= '\u1FFF' => Script.Greek,
        >= '\u0400' and <= '\u052F' => Script.Cyrillic,
        >= '\u0590' and <= '\u05FF' => Script.Hebrew,
        >= '\u0600' and <= '\u06FF' or >= '\u0750' and <= '\u077F' => Script.Arabic,
        >= '\u0900' and <= '\u097F' => Script.Devanagari,
        >= '\u0E00' and <= '\u0E7F' => Script.Thai,
        >= '\u3040' and <= '\u30FF' => Script.Kana,
        >= '\u1100' and <= '\u11FF' or >= '\uAC00' and <= '\uD7AF' => Script.Hangul,
        >= '\u3400' and <= '\u9FFF' => Script.Han,
        _ => Script.Other,
    };

    private static FrozenDictionary<string, (byte Number, byte Languages)> Words()
    {
        string[] lists =
        [
            "the and of to is are was were you your it this that with for from what which who how why when where have has had not be been can could would should will if there their they we my answer question please only",
            "der die das und ist sind war ein eine einen einem einer nicht mit von zu den dem des ich du sie wir ihr es auf für wie was wer warum wann wo bitte kann wird werden haben hat bist dein deine auch aber oder im antworte",
            "le la les des et est sont un une du que qui dans pour avec ne pas vous nous je tu il elle sur au aux ce cette quel quelle comment pourquoi où êtes votre réponds répondez plus par",
            "el la los las y es son un una del que en para con no por se su sus qué cuál cómo cuándo dónde eres usted está como más pero responde responda solo",
            "il lo la gli le e è sono un una di che per con non del della dei delle sei si su come cosa quale quanto dove perché nel nella rispondi anche più",
            "os as é são um uma do da dos das que em para com não por se seu sua você qual como quando onde está mais responda no na ao",
            "de het een en is zijn van voor met niet je jij u wij ze hij op aan dat die dit wat wie hoe waarom wanneer waar bent kan wordt worden hebben heeft ook maar of antwoord",
        ];
        return lists.SelectMany((list, language) => list.Split(' ').Select(word => (word, language)))
            .GroupBy(entry => entry.word, StringComparer.Ordinal)
            .Index()
            .ToFrozenDictionary(word => word.Item.Key, word => ((byte)word.Index, (byte)word.Item.Aggregate(0, (bits, entry) => bits | 1 << entry.language)), StringComparer.Ordinal);
    }

    private enum Script
    {
        Latin,
        Greek,
        Cyrillic,
        Hebrew,
        Arabic,
        Devanagari,
        Thai,
        Kana,
        Hangul,
        Han,
        Other,
    }

    /// <summary>The runs of letters in a text.</summary>
    private ref struct WordRanges(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _end;

        public Range Current { get; private set; }

        public readonly WordRanges GetEnumerator() => this;

        public bool MoveNext()
        {
            var start = _end;
            while (start < _text.Length && !char.IsLetter(_text[start]))
            {
                start++;
            }

            _end = start;
            while (_end < _text.Length && char.IsLetter(_text[_end]))
            {
                _end++;
            }

            Current = start.._end;
            return _end > start;
        }
    }
}
