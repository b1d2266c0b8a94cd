using System.Globalization;

using RftConsole.Training.Starter;
using RftConsole.Training.Starter.Arithmetic;
using RftConsole.Training.Text;

namespace RftConsole.Tests.Starter;

public sealed class StarterTokenizerTests : IDisposable
{
    private const int Documents = 2000;
    private static readonly StarterCorpus Corpus = new(1);
    private static readonly BpeVocabulary Vocabulary = StarterTokenizer.Train(Corpus);
    private readonly string _folder = Directory.CreateTempSubdirectory("starter-tokenizer-").FullName;
    private readonly Tokenizer _tokenizer;

    public StarterTokenizerTests()
    {
        StarterTokenizer.Write(Vocabulary, _folder, 512);
        _tokenizer = Tokenizer.Load(_folder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Documents_and_any_other_text_survive_the_round_trip()
    {
        string[] strange = ["", "  two  spaces\n\n\ttab ", "naïve – Ω 漢字 🙂", "it's 12,345.67 and 3*4=12"];
        IEnumerable<string> documents = Enumerable.Range(0, Documents).Select(i => Corpus.At(i)).SelectMany(d => new[] { d.Prompt[0].Content, d.Response });

        Assert.All(strange.Concat(documents), text => Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text))));
    }

    [Fact]
    public void Ids_are_those_of_theVocabulary_and_digits_stand_alone()
    {
        Assert.Equal(Vocabulary.Tokens.Count, _tokenizer.VocabularySize);
        Assert.Equal([_tokenizer.IdOf("1")!.Value, _tokenizer.IdOf("7")!.Value], _tokenizer.Encode("17"));
        Assert.Equal([StarterTokenizer.TurnStartId, .. _tokenizer.Encode("user\n"), StarterTokenizer.TurnEndId, StarterTokenizer.EndOfTextId], _tokenizer.Encode("<|im_start|>user\n<|im_end|><|endoftext|>"));
    }

    [Fact]
    public void The_trainer_cuts_text_where_the_tokenizer_does()
    {
        foreach (string text in Enumerable.Range(0, Documents).Select(i => Corpus.At(i).Response))
        {
            IEnumerable<int> byPieces = BpeTrainer.PreTokenize(text).SelectMany(piece => _tokenizer.Encode(piece));
            Assert.Equal(_tokenizer.Encode(text), byPieces);
        }
    }

    [Fact]
    public void Names_things_and_numbers_cost_few_tokens()
    {
        ArithmeticFamily family = new();
        foreach (var style in Enumerable.Range(0, Documents).Select(i => family.Answered(1, i, StyleMix.Web)).GroupBy(d => d.Style))
        {
            List<int> prompts = [.. style.Select(d => _tokenizer.Encode(d.Problem.Text).Length)];
            List<int> responses = [.. style.Select(d => _tokenizer.Encode(d.Response).Length)];
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{style.Key}: prompts {prompts.Average():F1} tokens (at most {prompts.Max()}), answers {responses.Average():F1} (at most {responses.Max()})"));
            Assert.InRange(prompts.Max(), 10, 45);
            Assert.InRange(responses.Max(), 1, 40);
        }
    }

    [Fact]
    public void Every_word_of_the_small_world_is_one_token()
    {
        IEnumerable<string> words = StarterWords.Names.Concat(StarterWords.Things).Concat(StarterWords.Containers).Concat(StarterWords.Cities).Concat(StarterWords.Jobs);

        Assert.All(words, word => Assert.Single(_tokenizer.Encode(" " + word)));
    }
}
