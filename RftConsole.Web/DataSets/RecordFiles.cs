using RftConsole.Training;
using RftConsole.Training.Datasets;

namespace RftConsole.Web.DataSets;

/// <summary>The files that pages look into, with their lines found once: files of versions never change, so what was found stays true.</summary>
internal sealed class RecordFiles
{
    /// <summary>Files whose lines are remembered; a line takes 24 bytes.</summary>
    private const int Remembered = 6;

    /// <summary>Results of searches that are remembered, for turning pages.</summary>
    private const int RememberedSearches = 12;

    private readonly Lock _lock = new();
    private readonly LinkedList<RecordFile> _files = [];
    private readonly LinkedList<Finding> _searches = [];

    /// <exception cref="UserInputException">The file is gone.</exception>
    public RecordFile Open(string file, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(file))
        {
            throw new UserInputException($"The file of this version is gone: {Path.GetFileName(file)}.");
        }

        return Remember(_files, known => known.Path == file, () => RecordFile.Open(file, cancellationToken), Remembered);
    }

    public RecordLines Read(string file, RecordQuery query, CancellationToken cancellationToken)
    {
        RecordFile records = Open(file, cancellationToken);
        if (query.Rejected)
        {
            return Rejected(records, query, cancellationToken);
        }

        if (string.IsNullOrWhiteSpace(query.Search))
        {
            return new(records.Count, records.Read(Enumerable.Range(0, records.Count).Skip(query.Skip).Take(query.Take)));
        }

        string search = query.Search.Trim();
        IReadOnlyList<int> places = Remember(_searches, known => known.File == file && known.Search == search, () => new(file, search, records.Find(search, cancellationToken)), RememberedSearches).Places;
        return new(places.Count, records.Read(places.Skip(query.Skip).Take(query.Take)));
    }

    /// <summary>The check of all lines together knows more than that of one, such as ids that stand twice.</summary>
    private static RecordLines Rejected(RecordFile records, RecordQuery query, CancellationToken cancellationToken)
    {
        IReadOnlyList<RejectedLine> rejected = TrainingRecordReader.Rejected(records.Path, cancellationToken);
        RecordLine[] matching =
        [
            .. rejected.Select(line => records.ReadLine(line.Line) is { } found ? found with { Record = null, Reason = line.Reason } : null).OfType<RecordLine>()
                .Where(line => string.IsNullOrWhiteSpace(query.Search) || line.Text.Contains(query.Search.Trim(), StringComparison.OrdinalIgnoreCase)),
        ];
        return new(matching.Length, [.. matching.Skip(query.Skip).Take(query.Take)]);
    }

    private T Remember<T>(LinkedList<T> all, Func<T, bool> isWanted, Func<T> make, int most)
        where T : class
    {
        lock (_lock)
        {
            if (all.FirstOrDefault(isWanted) is { } known)
            {
                return known;
            }
        }

        T made = make();
        lock (_lock)
        {
            all.AddFirst(made);
            if (all.Count > most)
            {
                all.RemoveLast();
            }
        }

        return made;
    }

    private sealed record Finding(string File, string Search, IReadOnlyList<int> Places);
}
