namespace RftConsole.Web.Components.Playground;

/// <summary>One side of the playground: a model, and its own answers to what all sides are asked.</summary>
public sealed class SessionColumn
{
    private readonly List<ColumnAnswer> _answers = [];

    /// <summary>Who answers; null where there is nobody to choose.</summary>
    public string? TargetId { get; private set; }

    /// <summary>One for each message that it has come to, in order.</summary>
    public IReadOnlyList<ColumnAnswer> Answers => _answers;

    /// <summary>Raised when there is something new to show.</summary>
    public event Action? Changed;

    /// <summary>Another model has said nothing yet.</summary>
    internal void Choose(string? targetId)
    {
        if (TargetId != targetId)
        {
            TargetId = targetId;
            Keep(0);
        }
    }

    /// <summary>Forgets all answers but the first ones.</summary>
    internal void Keep(int answers)
    {
        if (_answers.Count > answers)
        {
            _answers.RemoveRange(answers, _answers.Count - answers);
        }

        Tell();
    }

    internal ColumnAnswer Add(ColumnAnswer answer)
    {
        _answers.Add(answer);
        Tell();
        return answer;
    }

    internal void Tell() => Changed?.Invoke();
}
