using System.Text.RegularExpressions;

using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>What byte-level BPE learnt from a text.</summary>
/// <param name="Tokens">All tokens in the byte-level alphabet; a token's place is its id.</param>
/// <param name="Merges">Pairs of tokens, the earliest learnt first.</param>
public sealed record BpeVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges);

/// <summary>
/// Trains byte-level byte-pair encoding (Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016, algorithm 1).
/// A digit is always a token of its own. The same texts give the same vocabulary.
/// </summary>
public static partial class BpeTrainer
{
    /// <summary>A pair must be seen this often to be merged.</summary>
    private const int FewestOccurrences = 2;

    private const int ByteCount = 256;

    /// <summary>Learns a vocabulary of at most <paramref name="vocabularySize"/> tokens; fewer where the texts hold no more pairs.</summary>
    /// <param name="texts">Texts without special tokens.</param>
    /// <param name="specialTokens">The first ids, in order.</param>
    /// <param name="vocabularySize">Special tokens, the 256 bytes and the merged tokens together.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size leaves no room for special tokens and bytes.</exception>
    public static BpeVocabulary Train(IEnumerable<string> texts, IReadOnlyList<string> specialTokens, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, specialTokens.Count + ByteCount);
        char[] alphabet = ByteLevelAlphabet.Characters.ToArray();
        Array.Sort(alphabet);
        List<string> tokens = [.. specialTokens, .. alphabet.Select(c => c.ToString())];
        Dictionary<string, int> idOfToken = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id, StringComparer.Ordinal);
        List<Word> words = [.. Count(texts).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Word([.. pair.Key.Select(c => idOfToken[c.ToString()])], pair.Value))];
        List<(string, string)> merges = [];

        while (tokens.Count < vocabularySize && MostFrequentPair(words) is { } pair)
        {
            string merged = tokens[pair.Left] + tokens[pair.Right];

            // The same token may be reached by two ways; the merge counts, the id is shared.
            if (!idOfToken.TryGetValue(merged, out int id))
            {
                id = tokens.Count;
                idOfToken.Add(merged, id);
                tokens.Add(merged);
            }

            merges.Add((tokens[pair.Left], tokens[pair.Right]));
            foreach (Word word in words)
            {
                word.Merge(pair, id);
            }
        }

        return new(tokens, merges);
    }

    /// <summary>Cuts a text as the pre-tokenizers <c>Digits</c> (individual) and <c>ByteLevel</c> (GPT-2's pattern) of tokenizer.json do.</summary>
    internal static IEnumerable<string> PreTokenize(string text) =>
        DigitOrNot().Matches(text).SelectMany(stretch => Piece().Matches(stretch.Value)).Select(piece => piece.Value);

    private static Dictionary<string, long> Count(IEnumerable<string> texts)
    {
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach (string piece in texts.SelectMany(PreTokenize))
        {
            string encoded = ByteLevelAlphabet.Encode(piece);
            counts[encoded] = counts.GetValueOrDefault(encoded) + 1;
        }

        return counts;
    }

    /// <summary>The most frequent pair of neighbours; of equals, the one with the lower ids.</summary>
    private static (int Left, int Right)? MostFrequentPair(List<Word> words)
    {
        Dictionary<(int Left, int Right), long> counts = [];
        foreach (Word word in words)
        {
            for (int i = 1; i < word.Ids.Count; i++)
            {
                (int, int) pair = (word.Ids[i - 1], word.Ids[i]);
                counts[pair] = counts.GetValueOrDefault(pair) + word.Occurrences;
            }
        }

        (int Left, int Right)? best = null;
        long most = FewestOccurrences - 1;
        foreach (((int Left, int Right) pair, long count) in counts)
        {
            if (count > most || (count == most && best is { } held && pair.CompareTo(held) < 0))
            {
                best = pair;
                most = count;
            }
        }

        return best;
    }

    [GeneratedRegex(@"\p{N}|\P{N}+", RegexOptions.CultureInvariant)]
    private static partial Regex DigitOrNot();

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Piece();

    /// <summary>A distinct pre-token, as the ids it is made of so far.</summary>
    private sealed record Word(List<int> Ids, long Occurrences)
    {
        public void Merge((int Left, int Right) pair, int merged)
        {
            for (int i = 1; i < Ids.Count; i++)
            {
                if (Ids[i - 1] == pair.Left && Ids[i] == pair.Right)
                {
                    Ids[i - 1] = merged;
                    Ids.RemoveAt(i);
                }
            }
        }
    }
}
