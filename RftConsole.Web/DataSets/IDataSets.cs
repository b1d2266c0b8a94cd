using RftConsole.Training;
using RftConsole.Training.Datasets;
using RftConsole.Training.Datasets.Inspection;

namespace RftConsole.Web.DataSets;

/// <summary>A training file that a user uploaded.</summary>
/// <param name="Id">Part of its addresses and of its folder.</param>
/// <param name="Name">The file's name, made unique.</param>
/// <param name="File">Where the console keeps it.</param>
/// <param name="Rows">Records that can be used.</param>
/// <param name="RejectedRows">Lines that cannot.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">Of the file, in lower-case hexadecimal.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
public sealed record UploadedDataSet(string Id, string Name, string File, int Rows, int RejectedRows, long Bytes, string Sha256, DateTimeOffset CreatedAt)
{
    /// <summary>Which version this is of; counts from 1.</summary>
    public int Version { get; init; } = 1;
}

/// <summary>What the check of an uploaded file found.</summary>
/// <param name="Accepted">How many records can be used.</param>
/// <param name="RejectedCount">How many lines cannot.</param>
/// <param name="Rejected">The first of those lines.</param>
/// <param name="Warnings">What is unusual without being wrong.</param>
/// <param name="Preview">The first records.</param>
public sealed record DataSetCheck(int Accepted, int RejectedCount, IReadOnlyList<RejectedLine> Rejected, IReadOnlyList<string> Warnings, IReadOnlyList<PreviewRecord> Preview)
{
    /// <summary>What the records consist of; null for a file that was checked before this was counted.</summary>
    public DatasetContents? Contents { get; init; }
}

/// <summary>A record as a conversation; long texts are cut.</summary>
public sealed record PreviewRecord(string Id, IReadOnlyList<PreviewMessage> Messages, string? ReferenceAnswer);

/// <summary>One turn of a previewed record.</summary>
public sealed record PreviewMessage(string Role, string Text);

/// <summary>An uploaded file holds nothing to train on.</summary>
/// <param name="message">One line for the user.</param>
/// <param name="rejected">Its first lines, and why they cannot be used.</param>
public sealed class DataSetRefusedException(string message, IReadOnlyList<RejectedLine> rejected) : UserInputException(message)
{
    public IReadOnlyList<RejectedLine> Rejected { get; } = rejected;
}

/// <summary>An uploaded file is larger than the console takes.</summary>
public sealed class DataSetTooLargeException(string message) : UserInputException(message);

/// <summary>Uploaded data sets, kept in the data folder.</summary>
public interface IDataSets
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<UploadedDataSet>> ListAsync(CancellationToken cancellationToken = default);

    Task<UploadedDataSet?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>A data set as it was at one of its versions; null where there is no such version.</summary>
    Task<UploadedDataSet?> FindVersionAsync(string id, int version, CancellationToken cancellationToken = default);

    /// <summary>What the check of the current version found; null where there is no such data set.</summary>
    Task<DataSetCheck?> FindCheckAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Stores and checks a file. Nothing of it stays where this fails or is cancelled.</summary>
    /// <param name="fileName">As the browser names it; only its last part counts.</param>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <exception cref="DataSetRefusedException">No line of it is a training record.</exception>
    /// <exception cref="DataSetTooLargeException">It is larger than <see cref="IUploadLimit"/>.</exception>
    /// <exception cref="UserInputException">Its name does not end as training records do, or it cannot be stored.</exception>
    Task<UploadedDataSet> AddAsync(string fileName, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Takes a file of training records that has been uploaded, plain or gzip; it is kept plain.</summary>
    /// <inheritdoc cref="AddAsync(string, Stream, CancellationToken)"/>
    Task<UploadedDataSet> AddAsync(StagedFile staged, CancellationToken cancellationToken = default);

    /// <summary>Takes what <paramref name="write"/> makes, such as a conversion or a download. Nothing of it stays where this fails or is cancelled.</summary>
    /// <param name="name">What it is called; the ending becomes .jsonl.</param>
    /// <param name="write">Writes the training records into a file that is not there yet.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataSetRefusedException">No line of it is a training record.</exception>
    Task<UploadedDataSet> ImportAsync(string name, Func<string, CancellationToken, Task> write, CancellationToken cancellationToken = default);

    /// <summary>Checks a data set again and counts its tokens.</summary>
    /// <param name="id">The data set.</param>
    /// <param name="baseModel">The name of a registered base model.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">There is no such data set, or the model's tokenizer cannot be used.</exception>
    Task<DatasetSummary> CountTokensAsync(string id, string baseModel, CancellationToken cancellationToken = default);

    /// <summary>Makes two data sets of one; duplicates stay on one side.</summary>
    /// <param name="id">The data set, which stays.</param>
    /// <param name="share">How much is held out for validation, above 0 and below 1.</param>
    /// <param name="seed">The same seed gives the same split.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserInputException">There is no such data set, it cannot be split, or the share is outside its range.</exception>
    Task<(UploadedDataSet Training, UploadedDataSet Validation)> SplitAsync(string id, double share, ulong seed, CancellationToken cancellationToken = default);

    /// <summary>Names of the jobs that were created with this data set; they have copies of their own.</summary>
    Task<IReadOnlyList<string>> JobsUsingAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a data set and the files of all its versions.</summary>
    /// <exception cref="UserInputException">There is no such data set.</exception>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Hears of every new, edited and deleted data set.</summary>
    IDisposable Subscribe(Func<Task> changed);
}
