using RftConsole.Training;
using RftConsole.Training.Datasets;

namespace RftConsole.Web.DataSets;

/// <summary>What an edit changed in one line of a data set.</summary>
/// <param name="Line">The line, in the version that was edited.</param>
/// <param name="Before">The line before; a long one is cut.</param>
/// <param name="After">The line after; null where it was deleted.</param>
public sealed record DataSetEdit(int Line, string Before, string? After);

/// <summary>One version of a data set; it never changes, whatever happens to the data set.</summary>
/// <param name="DataSet">The data set as it was: file, counts and hash.</param>
/// <param name="Parent">The version that was edited; null for the file as it came.</param>
/// <param name="Edit">What was edited; null for the file as it came.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="IsCurrent">New jobs and edits take this one.</param>
public sealed record DataSetVersion(UploadedDataSet DataSet, int? Parent, DataSetEdit? Edit, DateTimeOffset CreatedAt, bool IsCurrent);

/// <summary>A job that was created with a version of a data set.</summary>
public sealed record DataSetUser(string JobId, string JobName, int Version);

/// <summary>Some lines of a version.</summary>
/// <param name="Total">How many lines there are, or match.</param>
/// <param name="Lines">Those asked for, in the file's order.</param>
public sealed record RecordLines(int Total, IReadOnlyList<RecordLine> Lines);

/// <summary>Which lines of a version are wanted.</summary>
/// <param name="Search">A text in keys or values; null or blank takes every line.</param>
/// <param name="Rejected">Only lines that are no training record.</param>
/// <param name="Skip">Lines left out in front.</param>
/// <param name="Take">How many.</param>
public sealed record RecordQuery(string? Search, bool Rejected, int Skip, int Take);

/// <summary>The records of data sets, and the versions that editing them makes.</summary>
public interface IDataSetVersions
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<DataSetVersion>> ListAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>What the check of a version found; null where there is no such version.</summary>
    Task<DataSetCheck?> FindCheckAsync(string id, int version, CancellationToken cancellationToken = default);

    /// <summary>The data sets of which a version's SHA-256 begins so.</summary>
    Task<IReadOnlyList<string>> WithHashAsync(string beginning, CancellationToken cancellationToken = default);

    /// <summary>Jobs that were created with any version, oldest first.</summary>
    Task<IReadOnlyList<DataSetUser>> UsersAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Lines of a version.</summary>
    /// <exception cref="UserInputException">Its file is gone.</exception>
    Task<RecordLines> ReadAsync(UploadedDataSet dataSet, RecordQuery query, CancellationToken cancellationToken = default);

    /// <summary>Replaces or deletes a line of the current version; the result is a new version, and the current one.</summary>
    /// <param name="dataSet">The current version, as the user saw it.</param>
    /// <param name="line">The line's number in it.</param>
    /// <param name="text">The new record, over as many lines as its author likes; null deletes the line.</param>
    /// <param name="cancellationToken">Ends it; nothing is changed.</param>
    /// <returns>The new current version.</returns>
    /// <exception cref="UserInputException">It is no record, it would spoil another line, no record would be left, or the data set was changed meanwhile.</exception>
    Task<UploadedDataSet> EditAsync(UploadedDataSet dataSet, int line, string? text, CancellationToken cancellationToken = default);

    /// <summary>Makes a version the current one, which also undoes and redoes edits.</summary>
    /// <exception cref="UserInputException">There is no such version.</exception>
    Task<UploadedDataSet> MakeCurrentAsync(string id, int version, CancellationToken cancellationToken = default);

    /// <summary>Deletes a version that is not the current one; jobs keep copies of their own.</summary>
    /// <exception cref="UserInputException">There is no such version, or it is the current one.</exception>
    Task DeleteAsync(string id, int version, CancellationToken cancellationToken = default);
}
