using System.Collections.Concurrent;

namespace RftConsole.Training.Storage;

/// <summary>A folder whose files are encrypted, opened with its data key. Safe for use from several threads; a log has one writer at a time.</summary>
public sealed class SealedFolder
{
    private readonly ConcurrentDictionary<string, SealedLog> _logs = [];
    private readonly DataKey _key;

    internal SealedFolder(string root, DataKey key, WrappedKey wrapped)
    {
        (Root, _key, Wrapped) = (root, key, wrapped);
        Texts = new(key);
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>By which key its data key is wrapped.</summary>
    public WrappedKey Wrapped { get; internal set; }

    /// <summary>Encrypts what belongs to it and stands in a database.</summary>
    public SealedText Texts { get; }

    /// <summary>The key to wrap anew.</summary>
    internal DataKey Key => _key;

    internal Stream OpenRead(string path) => new SealedReader(path, _key, NameOf(path));

    internal Stream Create(string path, string becomes)
    {
        Forget(path);
        return new SealedWriter(path, _key, NameOf(becomes));
    }

    internal void Append(string path, ReadOnlySpan<byte> content)
    {
        lock (SealedLog.LockOf(path))
        {
            Log(path).Append(content);
        }
    }

    internal void CutBack(string path, long length)
    {
        lock (SealedLog.LockOf(path))
        {
            Forget(path);
            _logs[path] = SealedLog.Open(path, _key, NameOf(path), length);
        }
    }

    internal void Mend(string path)
    {
        lock (SealedLog.LockOf(path))
        {
            Forget(path);
            _logs[path] = SealedLog.Open(path, _key, NameOf(path), SealedLog.WhatIsWhole);
        }
    }

    /// <summary>Length of the plain text of a log.</summary>
    internal long LogLength(string path)
    {
        lock (SealedLog.LockOf(path))
        {
            return Log(path).Length;
        }
    }

    private SealedLog Log(string path)
    {
        if (_logs.TryGetValue(path, out SealedLog? log) && new FileInfo(path) is { Exists: true } file && file.Length == log.FileLength)
        {
            return log;
        }

        Forget(path);
        return _logs[path] = SealedLog.Open(path, _key, NameOf(path), length: null);
    }

    private void Forget(string path)
    {
        if (_logs.TryRemove(path, out SealedLog? log))
        {
            log.Dispose();
        }
    }

    /// <summary>
    /// The name that is authenticated with a file's content: relative to the folder, and the same before and after the rename by which a whole folder becomes visible.
    /// </summary>
    private string NameOf(string path) => string.Join('/', Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Select(part =>
        part.StartsWith(".staged-", StringComparison.Ordinal) ? "step-" + part[".staged-".Length..]
        : part.EndsWith(".partial", StringComparison.Ordinal) ? part[..^".partial".Length]
        : part));
}
