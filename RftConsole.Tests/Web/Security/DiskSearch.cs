using System.IO.Compression;
using System.Text;

namespace RftConsole.Tests.Web.Security;

/// <summary>Looks for a text in every file below a folder, in the forms in which programs leave texts behind.</summary>
internal static class DiskSearch
{
    /// <summary>Which files hold the text: as UTF-8, UTF-16, base64 at any alignment, escaped in JSON, plain or within gzip data.</summary>
    public static IReadOnlyList<string> Find(string folder, string text)
    {
        byte[][] forms = [.. Forms(text)];
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Contents(file).Any(content => forms.Any(form => content.AsSpan().IndexOf(form) >= 0))).Select(file => Path.GetRelativePath(folder, file))];
    }

    private static IEnumerable<byte[]> Forms(string text)
    {
        byte[] plain = Encoding.UTF8.GetBytes(text);
        yield return plain;
        yield return Encoding.Unicode.GetBytes(text);
        yield return Encoding.BigEndianUnicode.GetBytes(text);
        yield return Encoding.UTF8.GetBytes(System.Text.Json.JsonSerializer.Serialize(text)[1..^1]);
        for (int before = 0; before < 3; before++)
        {
            // The characters that the bytes before and after have a share in are left out.
            string encoded = Convert.ToBase64String([.. new byte[before], .. plain]);
            yield return Encoding.ASCII.GetBytes(encoded[(before == 0 ? 0 : 4)..(encoded.Length / 4 * 4 - 4)]);
        }
    }

    private static IEnumerable<byte[]> Contents(string file)
    {
        if (new FileInfo(file).Length == 0)
        {
            // The console's lock, which nobody else can open.
            yield break;
        }

        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[stream.Length];
        stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        yield return content;
        if (content is [0x1F, 0x8B, ..])
        {
            using GZipStream gzip = new(new MemoryStream(content), CompressionMode.Decompress);
            using MemoryStream unpacked = new();
            gzip.CopyTo(unpacked);
            yield return unpacked.ToArray();
        }
    }
}
