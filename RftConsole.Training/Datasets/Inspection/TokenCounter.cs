using System.Threading.Channels;

using RftConsole.Training.Text;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Counts the tokens of prompts as a job would make them, on every core, while the reader goes on reading.</summary>
internal sealed class TokenCounter
{
    private const int BatchRecords = 32;
    private const int BatchCharacters = 1 << 18;

    private readonly Channel<List<(int Line, TrainingRecord Record)>> _batches = Channel.CreateBounded<List<(int, TrainingRecord)>>(4);
    private readonly Task[] _workers;
    private readonly int _limit;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, int> _countOfLength = [];
    private readonly List<int> _tooLong = [];
    private readonly List<(int Line, string Reason)> _unrendered = [];
    private List<(int Line, TrainingRecord Record)> _batch = [];
    private int _characters;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">The model's chat template.</param>
    /// <param name="limit">The longest prompt that is trained on, in tokens.</param>
    public TokenCounter(Tokenizer tokenizer, ChatTemplate template, int limit)
    {
        _limit = limit;
        // A template renders on one thread at a time, so that each worker has its own.
        _workers = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount)).Select(_ => Task.Run(() => WorkAsync(tokenizer, template.At(PromptEncoder.Clock))))];
    }

    /// <summary>Takes a record; waits while the workers are behind.</summary>
    /// <exception cref="UserInputException">The template goes over its limits of time or memory.</exception>
    public async ValueTask AddAsync(int line, TrainingRecord record)
    {
        _batch.Add((line, record));
        _characters += record.Messages.Sum(message => message.Content.Length);
        if (_batch.Count >= BatchRecords || _characters >= BatchCharacters)
        {
            await SendAsync();
        }
    }

    /// <summary>The result over all records.</summary>
    /// <exception cref="UserInputException">The template goes over its limits of time or memory.</exception>
    public async Task<(TokenStatistics Statistics, IReadOnlyList<string> Warnings)> CompleteAsync()
    {
        await SendAsync();
        _batches.Writer.TryComplete();
        await Task.WhenAll(_workers);
        return (TokenStatistics.Of(_countOfLength, _limit), [.. Warnings()]);
    }

    /// <summary>Ends the workers where nobody wants the result any more.</summary>
    public async Task AbandonAsync()
    {
        _batches.Writer.TryComplete();
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask SendAsync()
    {
        if (_batch.Count > 0 && await _batches.Writer.WaitToWriteAsync())
        {
            await _batches.Writer.WriteAsync(_batch);
            (_batch, _characters) = ([], 0);
        }
    }

    private async Task WorkAsync(Tokenizer tokenizer, ChatTemplate template)
    {
        try
        {
            await foreach (var batch in _batches.Reader.ReadAllAsync())
            {
                foreach (var (line, record) in batch)
                {
                    Count(line, record, tokenizer, template);
                }
            }
        }
        catch (Exception e)
        {
            // The reader hears of it at its next record, or at the end.
            _batches.Writer.TryComplete(e);
            throw;
        }
    }

    private void Count(int line, TrainingRecord record, Tokenizer tokenizer, ChatTemplate template)
    {
        int length;
        try
        {
            length = tokenizer.Count(template.Render(record.Messages, addGenerationPrompt: true, record.Tools));
        }
        catch (ChatTemplateException e)
        {
            lock (_lock)
            {
                _unrendered.Add((line, e.Message));
            }

            return;
        }

        lock (_lock)
        {
            _countOfLength[length] = _countOfLength.GetValueOrDefault(length) + 1;
            if (length > _limit)
            {
                _tooLong.Add(line);
            }
        }
    }

    private IEnumerable<string> Warnings()
    {
        if (_tooLong.Count > 0)
        {
            yield return $"{LineList.Counted(_tooLong.Count, "prompt")} longer than maxPromptLength ({_limit} tokens) will be dropped ({Lines(_tooLong)}).";
        }

        if (_unrendered.Count > 0)
        {
            var (line, reason) = _unrendered.MinBy(unrendered => unrendered.Line);
            yield return $"{LineList.Counted(_unrendered.Count, "prompt")} that the model's chat template does not take will be dropped ({Lines(_unrendered.Select(unrendered => unrendered.Line))}); line {line}: {reason}";
        }

        static LineList Lines(IEnumerable<int> unordered)
        {
            var lines = new LineList();
            foreach (var line in unordered.Order())
            {
                lines.Add(line);
            }

            return lines;
        }
    }
}
