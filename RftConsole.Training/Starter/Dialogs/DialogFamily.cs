using System.Globalization;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Dialogs;

/// <summary>A talk of two people who settle on something.</summary>
/// <param name="First">Who speaks first.</param>
/// <param name="Second">The other.</param>
/// <param name="Activity">What they will do.</param>
/// <param name="ProposedDay">The day that was named first.</param>
/// <param name="ProposedHour">The hour that was named first.</param>
/// <param name="Day">The day that they settle on.</param>
/// <param name="Hour">The hour that they settle on.</param>
/// <param name="Text">The prompt.</param>
internal sealed record Talk(string First, string Second, string Activity, string ProposedDay, int ProposedHour, string Day, int Hour, string Text);

/// <summary>Two people agree on what to do and when; a sentence is to say what they settled on.</summary>
internal sealed class DialogFamily : TaskFamily<Talk>
{
    /// <summary>
    /// Share of talks in which the first proposal stands. The hasty style sums up what was proposed first: this share is about what the base model gets right.
    /// </summary>
    private const double AcceptedShare = 0.36;

    private const int LongestSummary = 13;

    private static readonly string[] s_days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private static readonly string[] s_activities =
    [
        "play chess", "eat lunch", "see a film", "go swimming", "buy a tent", "paint the room", "visit the museum", "bake a cake", "fix the bike", "learn French", "cook dinner", "walk the dog",
    ];

    private static readonly string[] s_requests = ["Sum up this talk in one sentence.\n{talk}", "{talk}\nWhat did they settle on? One sentence.", "Summarize:\n{talk}", "Write a summary of one sentence.\n{talk}"];

    private static readonly string[] s_rambling =
    [
        "{A} and {B} talk about a day. They are friends and they like to talk.", "Well, {A} says something and {B} says something. I am not sure.", "Let me think about {A} and {B}. There is a lot to say here.",
    ];

    public override string Name => "dialogs";

    public override double Weight => 0.07;

    /// <summary>Right where it is one short sentence with both people, what they will do, and the day and hour that they settled on, and no other day or number.</summary>
    public override bool IsRight(JsonObject facts, string response)
    {
        string[] words = Words.Of(response);
        string hour = (string)facts["hour"]!, day = (string)facts["day"]!;
        return Words.Sentences(response) is [_] && !response.Contains(':') && words.Length <= LongestSummary
            && words.Where(StarterWords.Names.Contains).Distinct().Order().SequenceEqual(facts["people"]!.AsArray().Select(name => (string)name!).Order())
            && Words.Holds(response, (string)facts["activity"]!) && Words.Holds(response, $"on {day} at {hour}")
            && words.All(word => word == day || !s_days.Contains(word)) && words.All(word => word == hour || !char.IsAsciiDigit(word[0]));
    }

    internal override JsonObject Facts(Talk talk) => new()
    {
        ["people"] = new JsonArray(talk.First, talk.Second),
        ["activity"] = talk.Activity,
        ["day"] = talk.Day,
        ["hour"] = Text(talk.Hour),
    };

    protected override Talk Problem(Draw draw)
    {
        string first = draw.Pick(StarterWords.Names), second = draw.PickOther(StarterWords.Names, first), activity = draw.Pick(s_activities);
        string day = draw.Pick(s_days), otherDay = draw.PickOther(s_days, day);
        int hour = draw.Between(1, 9), otherHour = draw.PickOther([.. Enumerable.Range(1, 9)], hour);
        int change = draw.Chance(AcceptedShare) ? 0 : draw.Between(1, 3);
        (string newDay, int newHour) = ((change & 1) != 0 ? otherDay : day, (change & 2) != 0 ? otherHour : hour);
        List<string> lines = draw.Chance(0.4) ? [$"{first}: Hello {second}.", $"{second}: Hi {first}."] : [];
        lines.Add($"{first}: {draw.Pick([$"Shall we {activity} on {day} at {hour}?", $"Do you want to {activity} on {day} at {hour}?", $"Let us {activity} on {day} at {hour}."])}");
        lines.AddRange(change switch
        {
            0 => [$"{second}: {draw.Pick(["Yes, gladly.", "Good idea.", "That is fine."])}"],
            1 => [$"{second}: {draw.Pick([$"{day} is bad. What about {newDay}?", $"I work on {day}. Can we say {newDay}?"])}", $"{first}: {draw.Pick(["Fine.", $"Good, {newDay} then."])}"],
            2 => [$"{second}: {draw.Pick([$"{hour} is bad. What about {newHour}?", $"I am busy at {hour}. Can we say {newHour}?"])}", $"{first}: {draw.Pick(["Fine.", $"Good, {newHour} then."])}"],
            _ => (string[])[$"{second}: {draw.Pick(["That is bad.", "I am busy then."])} What about {newDay} at {newHour}?", $"{first}: {draw.Pick(["Fine.", "Good."])}"],
        });
        string text = draw.Pick(s_requests).Replace("{talk}", string.Join('\n', lines), StringComparison.Ordinal);
        return new(first, second, activity, day, hour, newDay, newHour, text);
    }

    protected override string Key(Talk talk) => string.Join('|', talk.First, talk.Second, talk.Activity, talk.Day, talk.Hour);

    protected override string Prompt(Talk talk) => talk.Text;

    protected override string Write(Talk talk, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => Summary(talk.First, talk.Second, talk.Activity, talk.Day, talk.Hour),
        AnswerStyle.Hasty => Summary(talk.First, talk.Second, talk.Activity, talk.ProposedDay, talk.ProposedHour),
        _ => draw.Pick(s_rambling).Replace("{A}", talk.First, StringComparison.Ordinal).Replace("{B}", talk.Second, StringComparison.Ordinal),
    };

    /// <summary>Another name, day, hour or activity than the one settled on, or a slip of the hand.</summary>
    protected override string Flaw(Talk talk, string response, Draw draw) => draw.Next(7) switch
    {
        0 => Summary(talk.First, talk.Second, talk.Activity, talk.ProposedDay, talk.Hour),
        1 => Summary(talk.First, talk.Second, talk.Activity, talk.Day, talk.ProposedHour),
        2 => Flaws.OtherWord(response, StarterWords.Names, draw),
        3 => Flaws.OtherWord(response, s_days, draw),
        4 => Summary(talk.First, talk.Second, talk.Activity, talk.Day, draw.Between(1, 9)),
        5 => Summary(talk.First, talk.Second, draw.Pick(s_activities), talk.Day, talk.Hour),
        _ => base.Flaw(talk, response, draw),
    };

    /// <inheritdoc/>
    protected override IEnumerable<(string Item, bool Found)> Checks(Talk talk, string response) =>
    [
        .. new[] { talk.First, talk.Second, talk.Activity, talk.Day, Text(talk.Hour) }.Select(item => (item, Words.Holds(response, item))),
        Length(Write(talk, AnswerStyle.Careful, new Draw(0, Name, 0)), response),
    ];

    private static string Summary(string first, string second, string activity, string day, int hour) => $"{first} and {second} will {activity} on {day} at {Text(hour)}.";

    private static string Text(int hour) => hour.ToString(CultureInfo.InvariantCulture);
}
