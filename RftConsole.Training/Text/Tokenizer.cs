using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;

namespace RftConsole.Training.Text;

/// <summary>
/// Byte-level byte-pair encoding as a Hugging Face <c>tokenizer.json</c> defines it: added tokens, normaliser, pre-tokenizers,
/// merges, post-processor. Immutable but for a cache of words; safe on any thread.
/// </summary>
/// <remarks>
/// The stages <c>truncation</c> and <c>padding</c> of the file are left aside: lengths are the caller's matter.
/// Text with unpaired surrogates is read as if they were U+FFFD.
/// </remarks>
public sealed class Tokenizer
{
    private const int LongestCachedWord = 64;
    private const int MostCachedWords = 1 << 16;

    private readonly TokenizerFile _file;
    private readonly BytePairMerger _merger;
    private readonly AddedTokenMatcher _rawMatcher;
    private readonly AddedTokenMatcher _normalizedMatcher;
    private readonly Dictionary<string, int> _idOfToken;
    private readonly byte[]?[] _bytesOfId;
    private readonly HashSet<int> _specialIds;
    private readonly ConcurrentDictionary<string, int[]> _cache = new();
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _cacheBySpan;
    private int _cachedWords;

    private Tokenizer(TokenizerFile file)
    {
        _file = file;
        _merger = new BytePairMerger(file.Vocabulary, file.Merges, file.IgnoreMerges, file.UnknownId, file.FuseUnknown);
        _rawMatcher = new AddedTokenMatcher(file.AddedTokens.Where(token => !token.Normalized));
        _normalizedMatcher = new AddedTokenMatcher(
            file.AddedTokens.Where(token => token.Normalized).Select(token => token with { Content = file.Normalize(token.Content) }));
        _specialIds = [.. file.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        _cacheBySpan = _cache.GetAlternateLookup<ReadOnlySpan<char>>();

        _idOfToken = new Dictionary<string, int>(file.Vocabulary);
        var highest = file.Vocabulary.Values.Concat(file.AddedTokens.Select(token => token.Id)).Max();
        _bytesOfId = new byte[highest + 1][];
        foreach (var (token, id) in file.Vocabulary)
        {
            _bytesOfId[id] = ByteLevelAlphabet.TryDecode(token, out var bytes) ? bytes : Encoding.UTF8.GetBytes(token);
        }

        foreach (var token in file.AddedTokens)
        {
            _idOfToken[token.Content] = token.Id;
            _bytesOfId[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }
    }

    /// <summary>One more than the highest id, so that every id indexes an array of this length.</summary>
    public int VocabularySize => _bytesOfId.Length;

    /// <summary>Reads <c>tokenizer.json</c> of a model folder.</summary>
    /// <exception cref="UserInputException">The file is missing, damaged, or asks for something other than byte-level BPE.</exception>
    public static Tokenizer Load(string modelFolder)
    {
        var path = Path.Combine(modelFolder, "tokenizer.json");
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserInputException($"{path} is missing: a model folder needs its tokenizer.json; copy it from where the model came from.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads the content of a <c>tokenizer.json</c>.</summary>
    /// <param name="json">UTF-8, with or without BOM.</param>
    /// <param name="name">What errors call the file.</param>
    /// <exception cref="UserInputException">The content is damaged, or asks for something other than byte-level BPE.</exception>
    public static Tokenizer Parse(ReadOnlyMemory<byte> json, string name) => new(TokenizerFile.Parse(json, name));

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, string)"/>
    public static Tokenizer Parse(string json, string name) => Parse(Encoding.UTF8.GetBytes(json), name);

    /// <summary>The token ids of a text. Added tokens in the text are recognised, special ones too.</summary>
    /// <param name="text">Any text; the empty one has no tokens of its own.</param>
    /// <param name="addSpecialTokens">Also adds what the file's post-processor puts around a text, such as a beginning-of-text token.</param>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        var ids = new List<int>(text.Length / 2);
        if (addSpecialTokens)
        {
            ids.AddRange(_file.PrefixIds);
        }

        foreach (var piece in _rawMatcher.Split(WellFormed(text)))
        {
            if (piece.Token is { } token)
            {
                ids.Add(token.Id);
            }
            else
            {
                EncodeNormalized(_file.Normalize(piece.Text), ids);
            }
        }

        if (addSpecialTokens)
        {
            ids.AddRange(_file.SuffixIds);
        }

        return [.. ids];
    }

    /// <summary>How many tokens <see cref="Encode"/> would make of a text.</summary>
    public int Count(string text) => Encode(text).Length;

    /// <summary>The text of token ids; bytes that are no UTF-8 become U+FFFD, ids without a token nothing.</summary>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecialTokens = false) => ids switch
    {
        int[] array => Decode(array.AsSpan(), skipSpecialTokens),
        List<int> list => Decode(CollectionsMarshal.AsSpan(list), skipSpecialTokens),
        _ => Decode(ids.ToArray().AsSpan(), skipSpecialTokens),
    };

    /// <inheritdoc cref="Decode(IReadOnlyList{int}, bool)"/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(ids.Length * 4, 1));
        foreach (var id in ids)
        {
            if (!(skipSpecialTokens && IsSpecial(id)))
            {
                bytes.Write(BytesOf(id));
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The id of a token as the file writes it (vocabulary tokens in the byte-level alphabet), or null.</summary>
    public int? IdOf(string token) => _idOfToken.TryGetValue(token, out var id) ? id : null;

    /// <summary>Whether the id is an added token marked special, such as an end-of-turn token.</summary>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>A decoder for tokens that arrive one by one.</summary>
    public IncrementalDecoder CreateDecoder(bool skipSpecialTokens) => new(this, skipSpecialTokens);

    /// <summary>The bytes that a token stands for; none where the id has no token (model vocabularies are often padded).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    internal ReadOnlySpan<byte> BytesOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return id < _bytesOfId.Length ? _bytesOfId[id] : null;
    }

    private void EncodeNormalized(string text, List<int> ids)
    {
        foreach (var piece in _normalizedMatcher.Split(text))
        {
            if (piece.Token is { } token)
            {
                ids.Add(token.Id);
            }
            else
            {
                EncodePlain(piece.Text, ids);
            }
        }
    }

    private void EncodePlain(string text, List<int> ids)
    {
        var stretches = new List<Stretch> { new(0, text.Length) };
        foreach (var stage in _file.SplitStages)
        {
            var pieces = new List<Stretch>();
            foreach (var stretch in stretches)
            {
                stage.Split(text, stretch, pieces);
            }

            stretches = pieces;
        }

        foreach (var stretch in stretches)
        {
            var piece = text.AsSpan(stretch.Start, stretch.Length);
            if (_file.AddPrefixSpace && !piece.StartsWith(' '))
            {
                EncodeByteLevel($" {piece}", ids);
            }
            else
            {
                EncodeByteLevel(piece, ids);
            }
        }
    }

    private void EncodeByteLevel(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_file.ByteLevelPattern is not { } pattern)
        {
            EncodeWord(piece, ids);
            return;
        }

        // The pattern's alternatives cover every character, so that there is nothing between two matches.
        foreach (var word in pattern.Matches(piece))
        {
            EncodeWord(piece.Slice(word.Start, word.Length), ids);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestCachedWord)
        {
            ids.AddRange(_merger.Encode(word));
            return;
        }

        if (!_cacheBySpan.TryGetValue(word, out var encoded))
        {
            encoded = _merger.Encode(word);
            // Counted here, because ConcurrentDictionary.Count takes every lock of the table.
            if (Interlocked.Increment(ref _cachedWords) > MostCachedWords)
            {
                _cache.Clear();
                Interlocked.Exchange(ref _cachedWords, 1);
            }

            _cacheBySpan[word] = encoded;
        }

        ids.AddRange(encoded);
    }

    /// <summary>The text with U+FFFD in place of each unpaired surrogate.</summary>
    internal static string WellFormed(string text) =>
        text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
