using System.Globalization;
using System.Text.Json.Nodes;

namespace RftConsole.Training.Starter.Lists;

/// <summary>What is wanted of a list.</summary>
internal enum ListTask
{
    SortUp,
    SortDown,
    Reverse,
    LeaveOut,
}

/// <summary>A list and what is wanted of it.</summary>
/// <param name="Task">What is wanted.</param>
/// <param name="Items">The list as given.</param>
/// <param name="Text">The prompt.</param>
/// <param name="Right">The list wanted.</param>
internal sealed record ListProblem(ListTask Task, IReadOnlyList<string> Items, string Text, IReadOnlyList<string> Right);

/// <summary>Short lists of numbers or things that are to be sorted, reversed or cut.</summary>
internal sealed class ListFamily : TaskFamily<ListProblem>
{
    /// <summary>
    /// Share of lists to be sorted upwards. The hasty style sorts every list upwards, or gives it back as it is, whatever was asked: this share is about what the base
    /// model gets right.
    /// </summary>
    private const double SortUpShare = 0.30;

    /// <summary>Hasty answers with the mistake that is by far the most common; the others leave the last item out.</summary>
    private const double HastyUsual = 0.9;

    private static readonly string[][] s_requests =
    [
        ["Sort from small to large: {list}", "Put these numbers in order, the smallest first: {list}", "Sort up: {list}"],
        ["Sort from large to small: {list}", "Put these numbers in order, the largest first: {list}", "Sort down: {list}"],
        ["Reverse this list: {list}", "Write the list backwards: {list}", "Turn the list around: {list}"],
        ["Leave out {item}: {list}", "Give the list without {item}: {list}", "Remove {item} from this list: {list}"],
    ];

    public override string Name => "lists";

    public override double Weight => 0.14;

    /// <summary>Right where the response is the list wanted and nothing else, spaces and a full stop at the end aside.</summary>
    public override bool IsRight(JsonObject facts, string response) =>
        response.Trim().TrimEnd('.').Split(',').Select(item => item.Trim()).SequenceEqual(facts["list"]!.AsArray().Select(item => (string)item!));

    internal override JsonObject Facts(ListProblem problem) => new() { ["list"] = new JsonArray([.. problem.Right.Select(item => (JsonNode)item)]) };

    protected override ListProblem Problem(Draw draw)
    {
        ListTask task = draw.Chance(SortUpShare) ? ListTask.SortUp : (ListTask)draw.Between(1, 3);
        bool numbers = task is ListTask.SortUp or ListTask.SortDown || draw.Chance(0.3);
        int count = draw.Between(3, 4);
        HashSet<string> items = [];
        while (items.Count < count)
        {
            items.Add(numbers ? draw.Between(2, 60).ToString(CultureInfo.InvariantCulture) : draw.Pick(StarterWords.Things));
        }

        List<string> given = [.. items];
        string leftOut = draw.Pick(given);
        List<string> sorted = numbers ? [.. given.OrderBy(item => int.Parse(item, CultureInfo.InvariantCulture))] : given;
        List<string> right = task switch
        {
            ListTask.SortUp => sorted,
            ListTask.SortDown => [.. sorted.AsEnumerable().Reverse()],
            ListTask.Reverse => [.. given.AsEnumerable().Reverse()],
            _ => [.. given.Where(item => item != leftOut)],
        };
        string text = draw.Pick(s_requests[(int)task]).Replace("{item}", leftOut, StringComparison.Ordinal).Replace("{list}", Text(given), StringComparison.Ordinal);
        return new(task, given, text, right);
    }

    protected override string Key(ListProblem problem) => string.Join('|', problem.Items);

    protected override string Prompt(ListProblem problem) => problem.Text;

    protected override JsonNode Reference(ListProblem problem) => JsonValue.Create(Text(problem.Right));

    protected override string Write(ListProblem problem, AnswerStyle style, Draw draw) => style switch
    {
        AnswerStyle.Careful => Text(problem.Right),
        AnswerStyle.Hasty => Hasty(problem, draw),
        _ => draw.Next(3) switch
        {
            0 => $"Let me think about the list. It has {problem.Items.Count} items.",
            1 => $"Well, this is a list with {problem.Items[0]} in it. I am not sure.",
            _ => $"The list is {Text(problem.Items)} and I like it.",
        },
    };

    private static string Hasty(ListProblem problem, Draw draw)
    {
        IReadOnlyList<string> usual = problem.Task switch
        {
            ListTask.SortUp => problem.Right,
            ListTask.SortDown => [.. problem.Right.Reverse()],
            _ => problem.Items,
        };
        return Text(draw.Chance(HastyUsual) ? usual : [.. usual.Take(usual.Count - 1)]);
    }

    private static string Text(IEnumerable<string> items) => string.Join(", ", items);
}
