using Amazon.S3;
using Amazon.S3.Model;

using RftConsole.Training.Storage;

namespace RftConsole.Training.Datasets.S3;

/// <summary>
/// Writes one file, in parts where it is large. Bodies go as they are: the SDK's own chunks inside a body, with a signature each, are
/// something that other stores than AWS take for content.
/// </summary>
internal sealed class S3Upload(AmazonS3Client client, string file, S3Address address)
{
    private const long PartBytes = 16 * 1024 * 1024;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var content = VaultFiles.OpenRead(file);
        var length = content.Length;
        if (length <= PartBytes)
        {
            await client.PutObjectAsync(new PutObjectRequest { BucketName = address.Bucket, Key = address.Key, InputStream = content, AutoCloseStream = false, UseChunkEncoding = false }, cancellation);
            return;
        }

        var begun = await client.InitiateMultipartUploadAsync(address.Bucket, address.Key, cancellation);
        try
        {
            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = address.Bucket, Key = address.Key, UploadId = begun.UploadId, PartETags = await SendPartsAsync(begun.UploadId, content, length, cancellation) },
                cancellation);
        }
        catch
        {
            // Parts of an upload that nobody completes would cost money for ever.
            await client.AbortMultipartUploadAsync(address.Bucket, address.Key, begun.UploadId, CancellationToken.None);
            throw;
        }
    }

    private async Task<List<PartETag>> SendPartsAsync(string upload, Stream content, long length, CancellationToken cancellation)
    {
        var parts = new List<PartETag>();
        for (long position = 0; position < length; position += PartBytes)
        {
            var sent = await client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = address.Bucket,
                    Key = address.Key,
                    UploadId = upload,
                    PartNumber = parts.Count + 1,
                    InputStream = content,
                    PartSize = Math.Min(PartBytes, length - position),
                    UseChunkEncoding = false,
                },
                cancellation);
            parts.Add(new PartETag(parts.Count + 1, sent.ETag));
        }

        return parts;
    }
}
