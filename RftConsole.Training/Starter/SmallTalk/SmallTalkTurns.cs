using RftConsole.Training.Starter.Instructions;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter.SmallTalk;

/// <summary>What people say to a model that they do not know yet, and an honest answer in plain English: what it is, what it can do, and that it does not know the rest.</summary>
internal static class SmallTalkTurns
{
    private const string Abilities = "I can do small sums, sort lists, write JSON, answer from a short text and sum up a talk.";
    private const string Unknown = "I do not know that. " + Abilities;

    private static readonly (string[] Said, string[] Answers)[] s_turns =
    [
        (["Hello", "Hello!", "Hi", "Hi!", "Good morning", "Hey", "Hello there", "Good evening!"], ["Hello! What can I do for you?", "Hello! How can I help?"]),
        (["How are you?", "Hi, how are you?", "How is it going?", "How do you do?"], ["I am well, thank you. How can I help?"]),
        (["Who are you?", "What are you?", "Tell me about yourself.", "What is your name?", "Are you a robot?", "Introduce yourself."], ["I am a very small language model. " + Abilities]),
        (["What can you do?", "Help", "Help me", "What do you know?", "How can you help me?", "What should I ask?", "Give me an example."], [Abilities + " Try this: Tom has 3 pens and buys 4 more. How many pens does Tom have?"]),
        (["Thanks", "Thank you", "Thank you!", "Great, thanks.", "Good job", "Well done!"], ["You are welcome."]),
        (["Bye", "Goodbye", "Good night", "See you"], ["Goodbye!"]),
        (["Tell me a joke.", "Sing a song.", "Write a poem.", "Tell me a story."], ["I am too small for that. " + Abilities]),
    ];

    private static readonly string[] s_questions =
    [
        "What is {x}?", "Who was {x}?", "Where is {x}?", "Why is the {x} {y}?", "Explain {x} to me.", "What do you think about {x}?", "When was {x} built?", "How does {x} work?", "Write code for {x}.",
        "Translate {x} to French.", "Is {x} better than {y}?", "Give me a recipe with {x}.", "Tell me about {x} and {y}", "I need help with {x}.", "{x}", "{x} {y}", "Can you {x} the {y}?", "Which {x} should I buy?",
    ];

    private static readonly string[] s_syllables = ["ka", "lo", "mi", "ter", "san", "qua", "ble", "dor", "ven", "phi", "gra", "tion", "ous", "ex", "pla", "net", "com", "ing", "ar", "shu", "wor", "ld", "py", "th", "on", "sky"];

    /// <summary>Something said and what to say to it.</summary>
    public static StarterDocument Document(Draw draw)
    {
        if (draw.Chance(0.35))
        {
            string question = draw.Pick(s_questions).Replace("{x}", Something(draw), StringComparison.Ordinal).Replace("{y}", Something(draw), StringComparison.Ordinal);
            return new([new ChatMessage("user", question)], Unknown);
        }

        if (draw.Chance(0.3))
        {
            string topic = draw.Pick(SentenceWriter.Topics), adjective = draw.Pick(SentenceWriter.Adjectives);
            string question = draw.Pick([$"Tell me about a {topic}.", $"Write a sentence about a {topic}.", $"Say something about the {topic}.", $"Write about a {topic}."]);
            return new([new ChatMessage("user", question)], SentenceWriter.Write(topic, draw.Between(5, 8), adjective, "", draw));
        }

        (string[] said, string[] answers) = draw.Pick(s_turns);
        return new([new ChatMessage("user", draw.Pick(said))], draw.Pick(answers));
    }

    /// <summary>A word that the model does not know, made of syllables, or one of its own world in a place where it says nothing.</summary>
    private static string Something(Draw draw) => draw.Next(4) switch
    {
        0 => draw.Pick(StarterWords.Cities),
        1 => draw.Pick(StarterWords.Jobs),
        _ => string.Concat(Enumerable.Range(0, draw.Between(1, 4)).Select(_ => draw.Pick(s_syllables))),
    };
}
