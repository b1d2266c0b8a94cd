namespace RftConsole.Training.Starter;

/// <summary>Mistakes of the hand: what a model that samples produces now and then, whatever the task.</summary>
internal static class Flaws
{
    /// <summary>Leaves out, doubles, swaps or moves words, or ends too early.</summary>
    public static string InWords(string response, Draw draw)
    {
        List<string> words = [.. response.Split(' ')];
        int at = draw.Next(words.Count);
        switch (draw.Next(5))
        {
            case 0:
                words.RemoveAt(at);
                break;
            case 1:
                words.Insert(at, words[at]);
                break;
            case 2:
                int other = draw.Next(words.Count);
                (words[at], words[other]) = (words[other], words[at]);
                break;
            case 3:
                words[at] = draw.Pick(words);
                break;
            default:
                words.RemoveRange(at, words.Count - at);
                break;
        }

        return string.Join(' ', words).Trim();
    }

    /// <summary>Puts another of <paramref name="words"/> where one of them stands; the response as it is where none does.</summary>
    public static string OtherWord(string response, IReadOnlyList<string> words, Draw draw)
    {
        string[] present = [.. words.Where(word => Words.Holds(response, word))];
        if (present.Length == 0)
        {
            return response;
        }

        string replaced = draw.Pick(present);
        return Words.Replace(response, replaced, draw.PickOther(words, replaced));
    }
}
