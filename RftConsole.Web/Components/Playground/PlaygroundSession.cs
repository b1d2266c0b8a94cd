using System.Diagnostics;

using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Generation;
using RftConsole.Training.Rewards;
using RftConsole.Training.Text;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;

namespace RftConsole.Web.Components.Playground;

/// <summary>What a conversation begins with.</summary>
/// <param name="Before">Messages before the first one of the user: the system prompt, earlier turns of a record.</param>
/// <param name="Prompt">The user's first message.</param>
/// <param name="Settings">How all answers are sampled.</param>
public sealed record ConversationStart(IReadOnlyList<ChatMessage> Before, string Prompt, PlaygroundSettings Settings)
{
    /// <summary>The validation prompt that this is to the letter, whose reward function grades the first answers; null for a prompt of one's own.</summary>
    public TrainingRecord? Record { get; init; }

    /// <summary>Where the record comes from.</summary>
    public ValidationSet? Set { get; init; }

    /// <summary>Whether first answers are graded.</summary>
    public bool Grades { get; init; } = true;
}

/// <summary>
/// A conversation with several models at once: each message goes to all of them, each keeps its own answers. All calls come from one thread at a time, that of the page.
/// </summary>
public sealed class PlaygroundSession(IPlayground playground, IModelComparison comparison) : IDisposable
{
    // A token may come every few milliseconds; a person sees ten to twenty pictures a second, and each one is a message.
    private static readonly TimeSpan s_betweenPictures = TimeSpan.FromMilliseconds(60);

    private readonly List<string> _turns = [];
    private readonly List<SessionColumn> _columns = [];
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _run;

    /// <summary>The sides.</summary>
    public IReadOnlyList<SessionColumn> Columns => _columns;

    /// <summary>What the conversation began with; null before there is one.</summary>
    public ConversationStart? Start { get; private set; }

    /// <summary>The user's messages: the first one and those that followed.</summary>
    public IReadOnlyList<string> Turns => _turns;

    /// <summary>Whether an answer or a grade is under way.</summary>
    public bool Running => _run is not null;

    /// <summary>Raised when a run begins or ends.</summary>
    public event Action? Changed;

    /// <inheritdoc />
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <summary>Sets who answers; a column whose model stays keeps its answers.</summary>
    public void Choose(IReadOnlyList<string?> targets)
    {
        while (_columns.Count < targets.Count)
        {
            _columns.Add(new());
        }

        _columns.RemoveRange(targets.Count, _columns.Count - targets.Count);
        foreach ((SessionColumn column, string? target) in _columns.Zip(targets))
        {
            column.Choose(target);
        }
    }

    /// <summary>Takes a side away; the others keep their answers.</summary>
    public void Remove(int column) => _columns.RemoveAt(column);

    /// <summary>Begins a new conversation.</summary>
    public Task StartAsync(ConversationStart start)
    {
        Start = start;
        _turns.Clear();
        _turns.Add(start.Prompt);
        _columns.ForEach(column => column.Keep(0));
        return RunAsync(_columns);
    }

    /// <summary>Sends a further message.</summary>
    public Task SendAsync(string message) => ResendAsync(_turns.Count, message);

    /// <summary>Puts a message in the place of an earlier one, without what followed it, and has it answered.</summary>
    public Task ResendAsync(int turn, string message)
    {
        _turns.RemoveRange(turn, _turns.Count - turn);
        _turns.Add(message);
        _columns.ForEach(column => column.Keep(turn));
        return RunAsync(_columns);
    }

    /// <summary>Has the last message answered once more by one side, with another seed; messages that it has not answered are answered first.</summary>
    public Task RetryAsync(SessionColumn column)
    {
        ColumnAnswer? last = column.Answers.Count == _turns.Count ? column.Answers[^1] : null;
        // What was not finished is answered as it would have been; a finished greedy answer would be the same with any seed.
        long? seed = last is { Failure: null, Stopped: false } && Start?.Settings.Temperature > 0 ? last.Seed + 1 : last?.Seed;
        column.Keep(_turns.Count - 1);
        return RunAsync([column], seed);
    }

    /// <summary>Shows answers of a comparison as a conversation that can go on.</summary>
    public void Show(ConversationStart start, IReadOnlyList<ComparedAnswer> answers)
    {
        Start = start;
        _turns.Clear();
        _turns.Add(start.Prompt);
        foreach ((SessionColumn column, ComparedAnswer answer) in _columns.Zip(answers))
        {
            column.Keep(0);
            column.Add(ColumnAnswer.Of(answer, start.Settings.Seed));
        }

        Changed?.Invoke();
    }

    /// <summary>Forgets the conversation.</summary>
    public void Clear()
    {
        Start = null;
        _turns.Clear();
        _columns.ForEach(column => column.Keep(0));
        Changed?.Invoke();
    }

    /// <summary>Ends all answers; what has come of them stays.</summary>
    public void Stop() => _run?.Cancel();

    /// <summary>The conversation with one side, up to the last of the user's messages.</summary>
    public IReadOnlyList<ChatMessage> MessagesOf(SessionColumn column) => Start is { } start ? Messages(column, start, _turns.Count - 1) : [];

    private async Task RunAsync(IReadOnlyList<SessionColumn> columns, long? seed = null)
    {
        if (Running || Start is not { } start)
        {
            return;
        }

        using CancellationTokenSource run = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        _run = run;
        Changed?.Invoke();
        try
        {
            // A list: all have begun before one is waited for.
            List<Task> sides = [.. columns.Where(column => column.TargetId is not null).Select(column => AnswerAsync(column, start, seed, run.Token))];
            await Task.WhenAll(sides);
        }
        finally
        {
            _run = null;
            if (!_gone.IsCancellationRequested)
            {
                Changed?.Invoke();
            }
        }
    }

    private async Task AnswerAsync(SessionColumn column, ConversationStart start, long? seed, CancellationToken cancellationToken)
    {
        while (column.Answers.Count > 0 && column.Answers[^1].Failure is not null)
        {
            column.Keep(column.Answers.Count - 1);
        }

        while (column.Answers.Count < _turns.Count && !cancellationToken.IsCancellationRequested)
        {
            bool isLast = column.Answers.Count == _turns.Count - 1;
            PlaygroundSettings settings = isLast && seed is { } other ? start.Settings with { Seed = other } : start.Settings;
            IReadOnlyList<ChatMessage> messages = Messages(column, start, column.Answers.Count);
            ColumnAnswer answer = column.Add(new(settings.Seed));
            await StreamAsync(column, answer, messages, settings, cancellationToken);
            if (column.Answers.Count == 1 && answer is { Failure: null, Stopped: false })
            {
                await GradeAsync(column, answer, start, cancellationToken);
            }

            if (answer.Failure is not null)
            {
                return;
            }
        }
    }

    private List<ChatMessage> Messages(SessionColumn column, ConversationStart start, int last)
    {
        List<ChatMessage> messages = [.. start.Before];
        for (int turn = 0; turn <= last; turn++)
        {
            messages.Add(new("user", _turns[turn]));
            if (turn < last && turn < column.Answers.Count)
            {
                messages.Add(new("assistant", column.Answers[turn].Text));
            }
        }

        return messages;
    }

    private async Task StreamAsync(SessionColumn column, ColumnAnswer answer, IReadOnlyList<ChatMessage> messages, PlaygroundSettings settings, CancellationToken cancellationToken)
    {
        bool stopped = false;
        string? failure = null;
        long shown = Stopwatch.GetTimestamp();
        try
        {
            await foreach (ChatPiece piece in playground.StreamAsync(column.TargetId!, messages, settings, cancellationToken))
            {
                answer.Add(piece);
                if (Stopwatch.GetElapsedTime(shown) > s_betweenPictures)
                {
                    shown = Stopwatch.GetTimestamp();
                    column.Tell();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            stopped = true;
        }
        catch (UserInputException refused)
        {
            failure = refused.Message;
        }

        answer.End(stopped, failure);
        column.Tell();
    }

    private async Task GradeAsync(SessionColumn column, ColumnAnswer answer, ConversationStart start, CancellationToken cancellationToken)
    {
        if (start is not { Record: { } record, Set: { } set, Grades: true })
        {
            return;
        }

        answer.Grading = true;
        column.Tell();
        try
        {
            answer.Grade = (await comparison.GradeAsync(set, record, [answer.Text], cancellationToken))[0];
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            answer.GradeFailure = L["Stopped before it was graded."];
        }
        catch (Exception problem) when (problem is UserInputException or RewardInfrastructureException)
        {
            answer.GradeFailure = problem.Message;
        }

        answer.Grading = false;
        column.Tell();
    }
}
