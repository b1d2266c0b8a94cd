using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Tests.Datasets.Inspection;

public sealed class LanguageGuessTests
{
    [Theory]
    [InlineData("You are a helpful assistant. Answer the question of the user.", "English")]
    [InlineData("What is the capital of France?", "English")]
    [InlineData("Wie viele Äpfel hat Tom, wenn er drei kauft und eine verschenkt?", "German")]
    [InlineData("Du bist ein hilfreicher Assistent. Antworte bitte kurz.", "German")]
    [InlineData("Quelle est la capitale de la France et combien de personnes y vivent ?", "French")]
    [InlineData("¿Cuál es la capital de España y cuántas personas viven en ella?", "Spanish")]
    [InlineData("Qual è la capitale della Francia e quante persone ci vivono?", "Italian")]
    [InlineData("Qual é a capital do Brasil e quantas pessoas vivem em São Paulo? Você sabe?", "Portuguese")]
    [InlineData("Wat is de hoofdstad van Nederland en hoe groot is het?", "Dutch")]
    [InlineData("Сколько яблок у Тома?", "a Cyrillic-script language")]
    [InlineData("日本の首都はどこですか？", "Japanese")]
    [InlineData("法国的首都是哪里？", "Chinese")]
    [InlineData("프랑스의 수도는 어디입니까?", "Korean")]
    [InlineData("ما هي عاصمة فرنسا؟", "Arabic")]
    public void A_sentence_is_recognised(string text, string language) => Assert.Equal(language, LanguageGuess.Of(text));

    [Theory]
    [InlineData("")]
    [InlineData("12 + 7 = ?")]
    [InlineData("x")]
    [InlineData("OK")]
    [InlineData("def f(x): return x ** 2")]
    public void Too_little_says_nothing(string text) => Assert.Null(LanguageGuess.Of(text));
}
