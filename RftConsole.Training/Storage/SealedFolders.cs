using System.Collections.Concurrent;
using System.Security.Cryptography;

using RftConsole.Training.Storage.Keys;

namespace RftConsole.Training.Storage;

/// <summary>
/// Which folders are encrypted, and those that are open, by their paths: like mounted file systems. A folder is encrypted where its file <see cref="KeyFile"/> holds a wrapped data key; it is opened
/// by the key store that stands for its part of the file system, the first time that something in it is used.
/// </summary>
public static class SealedFolders
{
    /// <summary>The file with the wrapped data key, in the folder that is encrypted.</summary>
    public const string KeyFile = "encryption.json";

    /// <summary>How far below an encrypted folder its files lie at most.</summary>
    private const int Deepest = 5;

    private static readonly ConcurrentDictionary<string, SealedFolder> s_open = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, KeyStore> s_stores = new(StringComparer.Ordinal);

    /// <summary>Lets a key store open the encrypted folders below a root, until the result is disposed of.</summary>
    public static IDisposable Use(KeyStore keys, string root)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        s_stores[full] = keys;
        return new Registration(full);
    }

    /// <summary>The encrypted folder that a file belongs to, opened; null where it belongs to none.</summary>
    /// <param name="path">Of the file; it need not be there.</param>
    /// <exception cref="KeyUnavailableException">It cannot be opened now.</exception>
    public static SealedFolder? Find(string path)
    {
        string full = Path.GetFullPath(path);
        if (!s_open.IsEmpty)
        {
            foreach (string folder in Above(full))
            {
                if (s_open.TryGetValue(folder, out SealedFolder? open))
                {
                    return open;
                }
            }
        }

        string? encrypted = Above(full).FirstOrDefault(folder => File.Exists(Path.Combine(folder, KeyFile)));
        // Only a key service has to be waited for, and the console opens what it uses ahead.
        return encrypted is null ? null : Task.Run(() => OpenAsync(encrypted, CancellationToken.None)).GetAwaiter().GetResult();
    }

    /// <summary>Whether a file belongs to an encrypted folder, open or not.</summary>
    public static bool IsEncrypted(string path) => Above(Path.GetFullPath(path)).Any(folder => s_open.ContainsKey(folder) || File.Exists(Path.Combine(folder, KeyFile)));

    /// <summary>Opens a folder; null where it is not encrypted.</summary>
    /// <exception cref="KeyUnavailableException">It cannot be opened now.</exception>
    public static async Task<SealedFolder?> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (s_open.TryGetValue(full, out SealedFolder? open))
        {
            return open;
        }

        if (WrappedKey.Read(full) is not { } wrapped)
        {
            return null;
        }

        KeyStore keys = StoreOf(full) ?? StoreAbove(full);
        return s_open.GetOrAdd(full, new SealedFolder(full, await keys.UnwrapAsync(wrapped, cancellationToken), wrapped));
    }

    /// <summary>Makes a folder an encrypted one, with a data key of its own, before anything is written into it.</summary>
    /// <param name="folder">It is made where it is missing.</param>
    /// <param name="keys">The key store.</param>
    /// <param name="keyName">The key that wraps the data key.</param>
    /// <param name="cancellationToken">Ends the call of a key service.</param>
    /// <exception cref="UserInputException">There is no such key, or it cannot be used now.</exception>
    public static async Task<SealedFolder> CreateAsync(string folder, KeyStore keys, string keyName, CancellationToken cancellationToken)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        (DataKey key, WrappedKey wrapped) = await keys.GenerateAsync(keyName, cancellationToken);
        Directory.CreateDirectory(full);
        wrapped.Write(full);
        return s_open[full] = new(full, key, wrapped);
    }

    /// <summary>Encrypts a folder of passing files with a key that is kept in memory alone: whatever of it a crash leaves on the disk can be read by nobody. <see cref="Close"/> ends it.</summary>
    public static void CreatePassing(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Directory.CreateDirectory(full);
        DataKey key = DataKey.Create();
        s_open[full] = new(full, key, new("", "", 0, key.Id, []));
    }

    /// <summary>Wraps a folder's data key with a key's newest version, or with another key. Its files stay as they are.</summary>
    /// <exception cref="UserInputException">One of the keys cannot be used now.</exception>
    public static async Task RewrapAsync(string folder, KeyStore keys, string keyName, CancellationToken cancellationToken)
    {
        if (await OpenAsync(folder, cancellationToken) is { } open)
        {
            WrappedKey wrapped = await keys.WrapAsync(keyName, open.Key, cancellationToken);
            wrapped.Write(open.Root);
            open.Wrapped = wrapped;
        }
    }

    /// <summary>Forgets the data key of a folder, which has been deleted or moved.</summary>
    public static void Close(string folder) => s_open.TryRemove(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), out _);

    /// <summary>Forgets the data keys that a key wraps, below a root.</summary>
    public static void CloseAll(string root, string keyId)
    {
        foreach (SealedFolder open in s_open.Values.Where(open => open.Wrapped.KeyId == keyId && IsBelow(open.Root, Path.GetFullPath(root))))
        {
            Close(open.Root);
        }
    }

    /// <summary>
    /// Destroys a folder's data key: what was encrypted with it can be read by nobody any more, wherever copies of it lie. The file's bytes are overwritten first, as far as the file system lets one.
    /// </summary>
    /// <returns>Whether the folder was encrypted.</returns>
    public static bool Destroy(string folder)
    {
        Close(folder);
        string file = Path.Combine(folder, KeyFile);
        if (!File.Exists(file))
        {
            return false;
        }

        using (FileStream stream = new(file, FileMode.Open, FileAccess.Write))
        {
            stream.Write(RandomNumberGenerator.GetBytes((int)Math.Min(stream.Length, 1 << 20)));
            stream.Flush(flushToDisk: true);
        }

        File.Delete(file);
        return true;
    }

    private static KeyStore? StoreOf(string folder) =>
        s_stores.Where(store => IsBelow(folder, store.Key)).OrderByDescending(store => store.Key.Length).Select(store => store.Value).FirstOrDefault();

    /// <summary>For the commands: the key store of the data folder that a folder lies in, or the environment's key alone.</summary>
    private static KeyStore StoreAbove(string folder) =>
        new(Above(folder).Select(above => Path.Combine(above, KeyStore.FolderName)).FirstOrDefault(Directory.Exists));

    private static bool IsBelow(string path, string root) => path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IEnumerable<string> Above(string path)
    {
        string? folder = Path.GetDirectoryName(path);
        for (int i = 0; i < Deepest && folder is not null; i++, folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private sealed class Registration(string root) : IDisposable
    {
        public void Dispose()
        {
            s_stores.TryRemove(root, out _);
            foreach (SealedFolder open in s_open.Values.Where(open => IsBelow(open.Root, root)))
            {
                Close(open.Root);
            }
        }
    }
}
