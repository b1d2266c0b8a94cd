using System.Globalization;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>How many records a finding concerns, and the first lines of them.</summary>
internal sealed class LineList
{
    private const int MostNamed = 10;

    private readonly List<int> _first = [];

    public int Count { get; private set; }

    public void Add(int line)
    {
        Count++;
        if (_first.Count < MostNamed)
        {
            _first.Add(line);
        }
    }

    /// <summary>Such as <c>line 3</c> or <c>lines 3, 5, 9 and 14 more</c>.</summary>
    public override string ToString()
    {
        var named = string.Join(", ", _first.Select(line => line.ToString(CultureInfo.InvariantCulture)));
        return Count == 1 ? $"line {named}"
            : Count > _first.Count ? string.Create(CultureInfo.InvariantCulture, $"lines {named} and {Count - _first.Count:N0} more")
            : $"lines {named}";
    }

    /// <summary>Such as <c>1 record</c> or <c>1,204 records</c>.</summary>
    public static string Counted(int count, string noun = "record") => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    public string Counted() => Counted(Count);
}
