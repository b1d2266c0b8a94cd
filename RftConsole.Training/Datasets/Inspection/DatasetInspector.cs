using System.Globalization;

namespace RftConsole.Training.Datasets.Inspection;

/// <summary>Looks at each accepted record for what is unusual without being wrong. One pass, in memory that hardly grows with the file.</summary>
internal sealed class DatasetInspector
{
    /// <summary>The original's limits; outside of them training works, only less well.</summary>
    private const int FewestRecords = 100;
    private const int MostRecords = 20_000;

    /// <summary>A file whose every record has keys of its own must not fill the memory.</summary>
    private const int MostKeys = 10_000;
    private const int KeysShown = 50;

    private readonly LineList _withoutReference = new();
    private readonly LineList _answerDropped = new();
    private readonly PersonalData _personalData = new();
    private readonly RoleLanguages _languages = new();
    private readonly LineList _repeated = new();
    private readonly LineList _contradicting = new();
    private readonly LineList _similar = new();
    private readonly Dictionary<string, int> _roles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _metadataKeys = new(StringComparer.Ordinal);
    private (int Line, int Earlier)? _firstRepeated;
    private (int Line, int Earlier)? _firstSimilar;

    public int Accepted { get; private set; }

    /// <summary>The prompts so far, for a look at what another file shares with them.</summary>
    public PromptIndex Prompts { get; } = new();

    /// <summary>Looks at an accepted line.</summary>
    public void Add(TrainingLine line)
    {
        var record = line.Record!;
        Accepted++;
        if (record.ReferenceAnswer is null)
        {
            _withoutReference.Add(line.Number);
        }

        if (line.AnswerDropped)
        {
            _answerDropped.Add(line.Number);
        }

        foreach (var message in record.Messages)
        {
            _roles[message.Role] = _roles.GetValueOrDefault(message.Role) + 1;
        }

        foreach (var (key, _) in record.Metadata)
        {
            if (_metadataKeys.Count < MostKeys || _metadataKeys.ContainsKey(key))
            {
                _metadataKeys[key] = _metadataKeys.GetValueOrDefault(key) + 1;
            }
        }

        _personalData.Add(line.Number, record);
        _languages.Add(line.Number, record);
        AddPrompt(line.Number, record);
    }

    /// <summary>What the records so far consist of.</summary>
    public DatasetContents Contents() => new(
        new SortedDictionary<string, int>(_roles, StringComparer.Ordinal),
        _metadataKeys.OrderByDescending(key => key.Value).ThenBy(key => key.Key, StringComparer.Ordinal).Take(KeysShown).ToDictionary(),
        Accepted - _withoutReference.Count,
        _repeated.Count,
        _similar.Count);

    /// <summary>One sentence for each finding so far.</summary>
    public IReadOnlyList<string> Warnings()
    {
        var warnings = new List<string>();
        if (Accepted == 0)
        {
            warnings.Add("0 records: there is nothing to train on.");
        }
        else if (Accepted < FewestRecords)
        {
            warnings.Add($"{LineList.Counted(Accepted)}: fewer than {FewestRecords} teach little, and what they teach may not carry over.");
        }
        else if (Accepted > MostRecords)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{LineList.Counted(Accepted)}: Amazon Bedrock takes at most {MostRecords:N0}."));
        }

        Add(_withoutReference, "without reference_answer: a reward function that compares with one cannot grade them");
        Add(_answerDropped, "ending with an assistant turn, which is left out of the prompt");
        if (_firstRepeated is { } repeated)
        {
            var contradicting = _contradicting.Count == 0 ? "" : $"; {(_contradicting.Count < _repeated.Count ? _contradicting.Count.ToString("N0", CultureInfo.InvariantCulture) + " " : _repeated.Count > 1 ? "each " : "")}with another reference_answer ({_contradicting})";
            warnings.Add($"{Have(_repeated)} an exact duplicate of an earlier prompt ({_repeated}; line {repeated.Line} repeats line {repeated.Earlier}){contradicting}.");
        }

        if (_firstSimilar is { } similar)
        {
            warnings.Add($"{Have(_similar)} a near-duplicate of an earlier prompt ({_similar}; line {similar.Line} is almost line {similar.Earlier}).");
        }

        if (Accepted > PromptIndex.MostSketches)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"Near-duplicates were looked for among the first {PromptIndex.MostSketches:N0} records."));
        }

        warnings.AddRange(_languages.Warnings());
        warnings.AddRange(_personalData.Warnings());
        return warnings;

        void Add(LineList lines, string described)
        {
            if (lines.Count > 0)
            {
                warnings.Add($"{lines.Counted()} {described} ({lines}).");
            }
        }
    }

    private static string Have(LineList lines) => lines.Count == 1 ? "1 record is" : $"{lines.Counted()} are";

    private void AddPrompt(int line, TrainingRecord record)
    {
        var match = Prompts.Add(line, record);
        if (match is not { } found)
        {
            return;
        }

        if (found.Exact)
        {
            _repeated.Add(line);
            _firstRepeated ??= (line, found.Line);
            if (!found.SameReference)
            {
                _contradicting.Add(line);
            }
        }
        else
        {
            _similar.Add(line);
            _firstSimilar ??= (line, found.Line);
        }
    }
}
