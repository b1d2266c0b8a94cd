namespace RftConsole.Training.Datasets.S3;

/// <summary>An <c>s3://bucket/key</c>, or <c>s3://bucket/prefix/</c> for all that begins so.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key or prefix; empty for the whole bucket.</param>
public sealed record S3Address(string Bucket, string Key)
{
    private const string Scheme = "s3://";

    /// <summary>It names a folder by its end; one without may still be the beginning of keys.</summary>
    public bool IsPrefix => Key.Length == 0 || Key.EndsWith('/');

    /// <summary>Whether a text wants to be an address.</summary>
    public static bool IsAddress(string? text) => text?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads an address.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="field">What errors call it.</param>
    /// <exception cref="UserInputException">It is none.</exception>
    public static S3Address Parse(string text, string field)
    {
        var rest = IsAddress(text) ? text[Scheme.Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        return bucket.Length > 0 && bucket.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_')
            ? new S3Address(bucket, slash < 0 ? "" : rest[(slash + 1)..])
            : throw new UserInputException($"{field}: \"{text}\" is no address such as s3://bucket/folder/train.jsonl");
    }

    /// <summary>The address of something under this prefix.</summary>
    public S3Address Under(string name) => this with { Key = IsPrefix ? Key + name : $"{Key}/{name}" };

    /// <inheritdoc />
    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}
