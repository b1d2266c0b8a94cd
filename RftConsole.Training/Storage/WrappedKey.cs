using System.Text.Json;

using RftConsole.Training.Jobs;

namespace RftConsole.Training.Storage;

/// <summary>A data key as it lies beside what it encrypts: nothing of it is secret.</summary>
/// <param name="Key">The name of the key that wraps it, when it was wrapped.</param>
/// <param name="KeyId">That key.</param>
/// <param name="Version">Its version.</param>
/// <param name="DataKey">Which data key it is.</param>
/// <param name="Wrapped">The wrapped bytes.</param>
public sealed record WrappedKey(string Key, string KeyId, int Version, Guid DataKey, byte[] Wrapped)
{
    /// <summary>That of a folder; null where the folder is not encrypted.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static WrappedKey? Read(string folder)
    {
        string file = Path.Combine(folder, SealedFolders.KeyFile);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<WrappedKey>(File.ReadAllBytes(file), JobSpecificationFile.Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} holds no wrapped data key ({e.Message.ReplaceLineEndings(" ")}): restore it from a backup; without it nothing in its folder can be read.", e);
        }
    }

    /// <summary>Puts it into a folder, in place of the one that is there, so that a kill leaves one of the two.</summary>
    internal void Write(string folder)
    {
        DurableFiles.ReplacePlain(Path.Combine(folder, SealedFolders.KeyFile), JsonSerializer.SerializeToUtf8Bytes(this, JobSpecificationFile.Options));
        DurableFiles.FlushFolder(folder);
    }
}
