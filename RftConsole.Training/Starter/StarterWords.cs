namespace RftConsole.Training.Starter;

/// <summary>The names and things of the starter model's small world, shared by the families so that each word is seen often.</summary>
internal static class StarterWords
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "Tom", "Mia", "Sam", "Anna", "Ben", "Lucy", "Max", "Emma", "Leo", "Nina",
        "Jack", "Ella", "Paul", "Rosa", "Omar", "Lena", "Hugo", "Sara", "Finn", "Clara",
        "Adam", "Julia", "David", "Maria", "Peter", "Sofia", "Kofi", "Aisha", "Ravi", "Mei",
        "Ivan", "Olga", "Carlos", "Ines", "Noah", "Ruth", "Erik", "Zoe", "Amir", "Grace",
    ];

    public static IReadOnlyList<string> Things { get; } =
    [
        "pens", "books", "apples", "cards", "coins", "stamps", "eggs", "balls", "cookies", "marbles",
        "pencils", "shells", "stickers", "plums", "toys", "flowers", "cups", "candles", "stones", "lemons",
        "buttons", "ribbons", "tickets", "pears", "nuts", "beads", "cakes", "photos", "keys", "oranges",
    ];

    public static IReadOnlyList<string> Containers { get; } = ["boxes", "bags", "jars", "baskets"];

    public static IReadOnlyList<string> Surnames { get; } =
    [
        "Reed", "Stone", "Lopez", "Khan", "Silva", "Meyer", "Novak", "Brown", "Green", "Ito",
        "Rossi", "Hall", "Cook", "Park", "Young", "West", "Lund", "Diaz", "Fox", "Wood",
    ];

    public static IReadOnlyList<string> Cities { get; } =
    [
        "Oslo", "Paris", "Rome", "Lima", "Cairo", "Delhi", "Tokyo", "Berlin", "Madrid", "Dublin",
        "Vienna", "Prague", "Quito", "Boston", "Sydney", "Nairobi", "Lisbon", "Athens", "Seoul", "Bern",
    ];

    public static IReadOnlyList<string> Jobs { get; } =
    [
        "nurse", "teacher", "baker", "pilot", "farmer", "lawyer", "painter", "driver", "doctor", "cook",
        "writer", "singer", "dentist", "tailor", "gardener",
    ];
}
